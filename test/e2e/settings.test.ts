import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { connect } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from '../../src/exec/run.ts';
import { AGNHOST, allPodsReady, http, type Pod, type TestCluster, useCluster, useHome } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { freePorts } from '../support/free-ports.ts';
import { podman, podmanLines } from '../support/podman.ts';
import { unless } from '../support/unless.ts';

const NODE_PORT = { TCP: 30080, UDP: 30081, SCTP: 30082 } as const;

describe('a cluster with as many settings as fit into one', () => {
  const home = useHome();
  const host = { apiServer: 0, tcp: 0, udp: 0, sctp: 0 };
  const cluster = useCluster('settings', {
    config: async () => {
      [host.apiServer = 0, host.tcp = 0, host.udp = 0, host.sctp = 0] = await freePorts(4);
      await mountPoints(home.path('shared'));
      return config();
    },
  });
  afterAll(() => run('umount', ['--recursive', home.path('shared')], { allowFailure: true }));
  const worker = `${cluster.name}-worker`;
  const inNode = (node: string, ...argv: string[]) => podman(['exec', node, ...argv]);

  const config = () => `
kind: Cluster
apiVersion: kinpod.dev/v1alpha1
networking:
  dnsDomain: cluster.test
  podSubnet: 10.210.0.0/16
  serviceSubnet: 10.211.0.0/20
  apiServerAddress: 127.0.0.2
  apiServerPort: ${host.apiServer}
  kubeProxyMode: nftables
  dnsSearch: [one.example.test, two.example.test]
featureGates: {HPAScaleToZero: true}
runtimeConfig: {autoscaling/v1: "false"}
kubeadmConfigPatches:
- |
  kind: ClusterConfiguration
  encryptionAlgorithm: RSA-2048
  apiServer:
    certSANs: [merged.example.test]
    extraArgs: [{name: event-ttl, value: 2h0m0s}]
  controllerManager:
    extraArgs: [{name: terminated-pod-gc-threshold, value: "77"}]
  scheduler:
    extraArgs: [{name: v, value: "1"}]
  etcd:
    local:
      extraArgs: [{name: quota-backend-bytes, value: "2000000000"}]
- |
  kind: KubeletConfiguration
  maxPods: 42
  serializeImagePulls: false
- |
  kind: KubeProxyConfiguration
  clientConnection: {qps: 17}
kubeadmConfigPatchesJSON6902:
- group: kubeadm.k8s.io
  version: v1beta4
  kind: ClusterConfiguration
  patch: |
    - {op: add, path: /apiServer/certSANs/-, value: patched.example.test}
- group: kubelet.config.k8s.io
  version: v1beta1
  kind: KubeletConfiguration
  patch: '[{"op": "add", "path": "/podPidsLimit", "value": 4321}]'
- group: kubeproxy.config.k8s.io
  version: v1alpha1
  kind: KubeProxyConfiguration
  patch: '[{"op": "add", "path": "/configSyncPeriod", "value": "7m0s"}]'
containerdConfigPatches:
- |
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
- |
  version = 99
  root = "/not/for/this/version"
containerdConfigPatchesJSON6902:
- '[{"op": "add", "path": "/debug", "value": {"level": "debug"}}]'
nodes:
- role: control-plane
  labels: {tier: front}
  extraPortMappings:
  - {containerPort: ${NODE_PORT.TCP}, hostPort: ${host.tcp}, listenAddress: 127.0.0.1}
  - {containerPort: ${NODE_PORT.UDP}, hostPort: ${host.udp}, listenAddress: 127.0.0.1, protocol: udp}
  - {containerPort: ${NODE_PORT.SCTP}, hostPort: ${host.sctp}, listenAddress: 127.0.0.1, protocol: SCTP}
  - {containerPort: 30083, hostPort: -1, listenAddress: 127.0.0.1}
  kubeadmConfigPatches:
  - |
    kind: InitConfiguration
    nodeRegistration:
      kubeletExtraArgs: [{name: node-labels, value: "tier=front,ingress-ready=true"}]
- role: worker
  labels: {tier: back}
  extraMounts:
  - {hostPath: ${home.path('shared')}/none, containerPath: /mnt/none, readOnly: true}
  - {hostPath: ${home.path('shared')}/follows, containerPath: /mnt/follows, propagation: HostToContainer}
  - {hostPath: ${home.path('shared')}/both, containerPath: /mnt/both, propagation: Bidirectional}
  kubeadmConfigPatches:
  - |
    kind: JoinConfiguration
    nodeRegistration:
      taints: [{key: dedicated, value: tests, effect: PreferNoSchedule}]
  - |
    kind: KubeletConfiguration
    maxPods: 33
`;

  test('becomes ready', async () => {
    await cluster.waitFor('wait', 'nodes', '--all', '--for=condition=Ready');
    await allPodsReady(cluster);
  });

  describe('the network', () => {
    test('has its subnets', async () => {
      const service = await cluster.get<{ spec: { clusterIP: string } }>('service', 'kubernetes');
      expect(service.spec.clusterIP).toBe('10.211.0.1');
      const { items } = await cluster.get<{ items: Pod[] }>('pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns');
      for (const pod of items) expect(pod.status.podIP).toMatch(/^10\.210\./);
    });

    test('publishes the API server where it is to be', async () => {
      expect(await cluster.server()).toBe(`https://127.0.0.2:${host.apiServer}`);
    });

    test("kube-proxy runs in its mode, with the patches' settings", async () => {
      for (const node of [cluster.node, worker]) {
        expect(await inNode(node, 'curl', '-s', 'http://127.0.0.1:10249/proxyMode')).toBe('nftables');
        const answer = await inNode(node, 'curl', '-s', 'http://127.0.0.1:10249/configz');
        const proxy = JSON.parse(answer)['kubeproxy.config.k8s.io'];
        expect(lowerCased(proxy)).toMatchObject({
          clientconnection: { qps: 17 },
          configsyncperiod: '7m0s',
          featuregates: { hpascaletozero: true },
        });
      }
    });

    test('nodes and pods search the domains that are named', async () => {
      for (const node of [cluster.node, worker]) {
        expect(await inNode(node, 'cat', '/etc/resolv.conf')).toContain('search one.example.test two.example.test');
      }
      await startServer(cluster);
      expect(await cluster.kubectl(['exec', 'server', '--', 'cat', '/etc/resolv.conf'])).toMatch(
        /search default\.svc\.cluster\.test .*one\.example\.test two\.example\.test/,
      );
    });

    test('a mapped TCP port leads to a Service', async () => {
      expect(await http(`http://127.0.0.1:${host.tcp}/hostname`, 'the TCP port')).toBe('server');
    });

    test('a mapped UDP port leads to a Service', async () => {
      const answer = await eventually(() => askUdp(host.udp, 'hostname'), {
        withinMs: 30_000,
        everyMs: 500,
        what: 'an answer at the UDP port',
      });
      expect(answer).toBe('server');
    });

    test('an SCTP port and one that the engine picks are published', async () => {
      const ports = (await podmanLines('port', cluster.node)).join('\n');
      expect(ports).toContain(`${NODE_PORT.SCTP}/sctp -> 127.0.0.1:${host.sctp}`);
      expect(ports).toMatch(/^30083\/tcp -> 127\.0\.0\.1:[1-9]\d+$/m);
    });

    test('a mapped SCTP port leads to a Service', async ({ skip }) => {
      skip(!hasSctp(), "this machine's kernel has no SCTP");
      const inPod = ['exec', 'server', '--', '/agnhost', 'connect', '--protocol=sctp', '--timeout=5s'];
      expect(await cluster.kubectl([...inPod, `${await cluster.nodeAddress()}:${NODE_PORT.SCTP}`])).toBe('');
    });
  });

  describe('the control plane', () => {
    test("its programs run with the patches' arguments", async () => {
      const commandOf = async (name: string) =>
        (await cluster.kubectl([
          ...['get', 'pod', '-n', 'kube-system', `${name}-${cluster.node}`],
          ...['-o', 'jsonpath={.spec.containers[0].command}'],
        ])) ?? '';
      expect(await commandOf('kube-apiserver')).toContain('--event-ttl=2h0m0s');
      expect(await commandOf('kube-controller-manager')).toContain('--terminated-pod-gc-threshold=77');
      expect(await commandOf('kube-scheduler')).toContain('--v=1');
      expect(await commandOf('etcd')).toContain('--quota-backend-bytes=2000000000');
    });

    test('its certificate has the names of both sorts of patches', async () => {
      const names = await certificateNames('127.0.0.2', host.apiServer);
      for (const name of ['localhost', 'merged.example.test', 'patched.example.test']) {
        expect(names).toContain(`DNS:${name}`);
      }
      expect(names).toContain('IP Address:127.0.0.2');
      expect(names).toContain('DNS:kubernetes.default.svc.cluster.test');
    });

    test('its keys are of the algorithm of the patch: tokens are signed with RSA, and certificates', async () => {
      expect(JSON.parse(await cluster.kubectl(['get', '--raw', '/openid/v1/jwks']))).toMatchObject({
        keys: [{ kty: 'RSA', alg: 'RS256' }],
      });
      for (const name of ['ca', 'etcd/ca', 'front-proxy-ca', 'apiserver']) {
        const key = new X509Certificate(await cluster.exec('cat', `/etc/kubernetes/pki/${name}.crt`)).publicKey;
        expect([name, key.asymmetricKeyType]).toEqual([name, 'rsa']);
      }
    });

    test('feature gates are on in every component', async () => {
      const enabled = /kubernetes_feature_enabled\{name="HPAScaleToZero"[^}]*\} 1/;
      expect(await cluster.kubectl(['get', '--raw', '/metrics'])).toMatch(enabled);
      for (const node of [cluster.node, worker]) {
        expect((await kubelet(cluster, node)).featureGates).toMatchObject({ HPAScaleToZero: true });
      }
    });

    test('runtime config turns APIs off', async () => {
      const versions = (await cluster.kubectl(['api-versions'])).split('\n');
      expect(versions).toContain('autoscaling/v2');
      expect(versions).not.toContain('autoscaling/v1');
    });

    test('says of itself what it is: add-ons that it has are not noted as disabled', async () => {
      const text = await cluster.kubectl([
        ...['get', 'configmap', 'kubeadm-config', '-n', 'kube-system', '-o', 'jsonpath={.data.ClusterConfiguration}'],
      ]);
      expect(text).toContain('dnsDomain: cluster.test');
      expect(text).not.toContain('disabled: true');
    });
  });

  describe('the kubelets', () => {
    test("have the cluster's settings, and their node's own", async () => {
      const first = await kubelet(cluster, cluster.node);
      expect(first).toMatchObject({ maxPods: 42, podPidsLimit: 4321, serializeImagePulls: false });
      expect(await kubelet(cluster, worker)).toMatchObject({
        maxPods: 33,
        podPidsLimit: 4321,
        clusterDomain: 'cluster.test',
      });
    });

    test('their Nodes have the labels and taints of configuration and patches', async () => {
      const front = await cluster.get<Node>('node', cluster.node);
      expect(front.metadata.labels).toMatchObject({ tier: 'front', 'ingress-ready': 'true' });
      const back = await cluster.get<Node>('node', worker);
      expect(back.metadata.labels).toMatchObject({ tier: 'back' });
      expect(back.spec.taints).toEqual([{ key: 'dedicated', value: 'tests', effect: 'PreferNoSchedule' }]);
    });
  });

  test('containerd runs with its patches; one for another version is passed over', async () => {
    for (const node of [cluster.node, worker]) {
      expect(await inNode(node, 'journalctl', '--no-pager', '-u', 'containerd')).toContain('level=debug');
      const dump = await inNode(node, 'containerd', 'config', 'dump');
      expect(dump).toMatch(/config_path = ['"]\/etc\/containerd\/certs\.d['"]/);
      expect(dump).not.toContain('/not/for/this/version');
    }
  });

  describe('mounts', unless(getuid?.() === 0 ? undefined : 'only root may mount'), () => {
    test('show files of the host, read-only where they are to be', async () => {
      expect(await inNode(worker, 'cat', '/mnt/none/file', '/mnt/follows/file', '/mnt/both/file')).toBe(
        'none\nfollows\nboth',
      );
      await expect(inNode(worker, 'touch', '/mnt/none/new')).rejects.toMatchObject({
        stderr: expect.stringMatching(/read-only/i),
      });
      await inNode(worker, 'touch', '/mnt/both/new');
    });

    test('what the host mounts later appears in the node, but for propagation None', async () => {
      for (const name of ['none', 'follows', 'both']) {
        const later = join(home.path('shared'), name, 'later');
        await run('mount', ['-t', 'tmpfs', 'later', later]);
        await writeFile(join(later, 'seen'), '');
      }
      expect(await inNode(worker, 'sh', '-c', 'ls /mnt/*/later/seen')).toBe(
        '/mnt/both/later/seen\n/mnt/follows/later/seen',
      );
    });

    test('what the node mounts appears on the host only with propagation Bidirectional', async () => {
      const script = 'mount -t tmpfs inner $1 && touch $1/inner';
      for (const name of ['follows', 'both']) await inNode(worker, 'sh', '-c', script, 'sh', `/mnt/${name}/node`);
      const seen = (name: string) => readOrMissing(join(home.path('shared'), name, 'node', 'inner'));
      expect([seen('both'), seen('follows')]).toEqual(['', undefined]);
    });
  });
});

interface Node {
  metadata: { labels: Record<string, string> };
  spec: { taints?: object[] };
}

/** A pod behind NodePorts of both protocols, on the node whose ports are mapped. */
async function startServer(cluster: TestCluster): Promise<void> {
  await cluster.apply(`
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec:
  containers:
  - name: server
    image: ${AGNHOST}
    args: [netexec, --http-port=8080, --udp-port=8081]
    readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: server}
spec:
  type: NodePort
  selector: {app: server}
  ports:
  - {name: http, port: 80, targetPort: 8080, nodePort: ${NODE_PORT.TCP}}
  - {name: udp, port: 81, targetPort: 8081, nodePort: ${NODE_PORT.UDP}, protocol: UDP}
`);
  await cluster.waitFor('wait', 'pod/server', '--for=condition=Ready');
}

/** The configuration that a kubelet runs with. */
async function kubelet(cluster: TestCluster, node: string): Promise<Record<string, unknown>> {
  const text = await cluster.kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/configz`]);
  return JSON.parse(text).kubeletconfig;
}

/** Go writes the internal type's field names, whose case is not that of the API. */
function lowerCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.toLowerCase(), lowerCased(v)]));
}

function certificateNames(hostName: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostName, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** What a UDP server answers, undefined where it does not within a second. */
function askUdp(port: number, question: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (answer?: string) => {
      clearTimeout(timer);
      socket.close(() => resolve(answer));
    };
    const timer = setTimeout(done, 1_000);
    socket.once('message', (message) => done(message.toString()));
    socket.once('error', () => done());
    socket.send(question, port, '127.0.0.1');
  });
}

/** A shared mount with a directory for each sort of propagation, in each a file and two places to mount on. */
async function mountPoints(shared: string): Promise<void> {
  await mkdir(shared);
  if (getuid?.() === 0) {
    await run('mount', ['-t', 'tmpfs', 'shared', shared]);
    await run('mount', ['--make-shared', shared]);
  }
  for (const name of ['none', 'follows', 'both']) {
    for (const place of ['later', 'node']) await mkdir(join(shared, name, place), { recursive: true });
    await writeFile(join(shared, name, 'file'), `${name}\n`);
  }
}

function readOrMissing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function hasSctp(): boolean {
  return /^SCTP\b/m.test(readOrMissing('/proc/net/protocols') ?? '');
}
