import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isRunning } from '../../src/exec/processes.ts';
import { run } from '../../src/exec/run.ts';
import { findForwarder, forwarderFiles } from '../../src/provider/kubernetes/forward/record.ts';
import { root } from '../support/cli.ts';
import { AGNHOST, TestCluster, useHome } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX, podman, removeTestObjects } from '../support/podman.ts';

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
}

/** Where the outer node has what a Pod needs to run kinpod: this source tree and this Node.js. */
const IN_OUTER_NODE = { tree: '/kinpod-tree', node: '/kinpod-node' } as const;

const home = useHome();
const outer = new TestCluster('around', home);
const inner = (name: string) => `${PREFIX}${name}`;
/** As a user who has just made the outer cluster: it is the current context. */
const inPods = (...args: string[]) => home.kinpod([...args, '--provider', 'kubernetes']);
const kubectl = async (args: readonly string[], context: string, input?: string) =>
  (await run(home.path('kubectl'), ['--context', context, ...args], { env: home.env, input, timeoutMs: 60_000 }))
    .stdout;
const outerKubectl = (args: readonly string[], input?: string) => kubectl(args, `kind-${outer.name}`, input);

beforeAll(async () => {
  const mounts = [
    `{hostPath: ${root}, containerPath: ${IN_OUTER_NODE.tree}, readOnly: true}`,
    `{hostPath: ${process.execPath}, containerPath: ${IN_OUTER_NODE.node}, readOnly: true}`,
  ];
  const config = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes: [{role: control-plane, extraMounts: [${mounts.join(', ')}]}]
`;
  await outer.create({ config });
});
afterAll(async () => {
  for (const name of ['forwarded', 'open', 'refused']) await inPods('delete', 'cluster', '--name', inner(name));
  await removeTestObjects(outer.name);
});

/** The cluster's entry in the kubeconfig. */
async function entryOf(cluster: string): Promise<{ server: URL; ca: string }> {
  const config = parse(await home.read('kubeconfig')) as Kubeconfig;
  const found = config.clusters.find(({ name }) => name === `kind-${cluster}`)?.cluster;
  if (!found) throw new Error(`no ${cluster} in the kubeconfig`);
  return { server: new URL(found.server), ca: Buffer.from(found['certificate-authority-data'], 'base64').toString() };
}

/** The process that keeps a port open to a node's API server. */
async function forwarderOf(node: string) {
  const uid = await outerKubectl(['get', 'service', node, '-o', 'jsonpath={.metadata.uid}']);
  const found = await findForwarder(forwarderFiles(uid, process.env));
  if (!found) throw new Error(`nothing forwards to ${node}`);
  return found;
}

describe('a cluster in Pods of a kinpod cluster that is the current context', () => {
  const name = inner('forwarded');
  const node = `${name}-control-plane`;
  let created: string;

  beforeAll(async () => {
    const { exitCode, stderr } = await inPods('create', 'cluster', '--name', name, '--wait', '2m');
    expect(exitCode, stderr).toBe(0);
    created = stderr;
  });

  test('has its node image brought to the outer nodes by itself', async () => {
    expect(created).toMatch(/from podman into/);
    const images = await podman(['exec', outer.node, 'crictl', 'images', '--output', 'json']);
    expect(images).toContain(NODE_IMAGE);
  });

  test('is reached by its kubeconfig through a port of this host, with TLS verified', async () => {
    const { server } = await entryOf(name);
    expect(server.hostname).toBe('127.0.0.1');
    expect(await kubectl(['get', 'nodes', '-o', 'name'], `kind-${name}`)).toBe(`node/${node}`);
  });

  test('has networks and a domain apart from the outer cluster’s', async () => {
    const config = await kubectl(
      ['get', 'configmap', 'kubeadm-config', '-n', 'kube-system', '-o', 'yaml'],
      `kind-${name}`,
    );
    expect(config).toContain('podSubnet: 10.245.0.0/16');
    expect(config).toContain('serviceSubnet: 10.97.0.0/16');
    expect(config).toContain('dnsDomain: cluster2.local');
    const resolv = await outerKubectl(['exec', `${node}-0`, '--', 'cat', '/etc/resolv.conf']);
    expect(resolv).not.toContain('search');
  });

  test.each([
    ['its own', 'kubernetes.default.svc:443'],
    ['its own domain', 'kubernetes.default.svc.cluster2.local:443'],
    ['the outer cluster', 'kubernetes.default.svc.cluster.local:443'],
  ])('has pods that reach Services by names of %s', async (_, address) => {
    const pod = `looks-${address.replaceAll(/[^a-z0-9]/g, '-')}`;
    const connect = ['connect', address, '--timeout=5s'];
    const run = ['run', pod, `--image=${AGNHOST}`, '--restart=OnFailure', '--', ...connect];
    await kubectl(run, `kind-${name}`);
    const phase = () => kubectl(['get', 'pod', pod, '-o', 'jsonpath={.status.phase}'], `kind-${name}`);
    await eventually(async () => (await phase()) === 'Succeeded', {
      withinMs: 90_000,
      what: `a connection to ${address}`,
    });
  });

  test('is the current context, and the outer cluster is found all the same', async () => {
    expect(await home.read('kubeconfig')).toContain(`current-context: kind-${name}`);
    expect((await inPods('get', 'clusters')).stdout).toBe(name);
  });

  test('answers through a restart of its API server as if that were slow', async () => {
    await outerKubectl(['exec', `${node}-0`, '--', 'sh', '-c', 'kill -9 $(pidof kube-apiserver)']);
    const ready = async () => kubectl(['get', '--raw', '/readyz'], `kind-${name}`);
    expect(await eventually(ready, { withinMs: 60_000, what: 'the API server to be back' })).toBe('ok');
    expect(await isRunning(await forwarderOf(node))).toBe(true);
  });

  test('is reached again, at the same port, when what forwards was killed', async () => {
    const { server: before } = await entryOf(name);
    const killed = await forwarderOf(node);
    process.kill(killed.pid, 'SIGKILL');
    await eventually(async () => !(await isRunning(killed)), { withinMs: 10_000, what: 'the forwarder to end' });
    const { exitCode, stderr } = await inPods('export', 'kubeconfig', '--name', name);
    expect(exitCode, stderr).toBe(0);
    expect((await entryOf(name)).server.port).toBe(before.port);
    expect(await kubectl(['get', '--raw', '/readyz'], `kind-${name}`)).toBe('ok');
  });

  test('has a kubeconfig for Pods of the outer cluster, whose certificate is good for its name', async () => {
    const { stdout } = await inPods('get', 'kubeconfig', '--name', name, '--internal');
    expect(stdout).toContain(`server: https://${node}.default.svc:6443`);
    // From the outer node, by the Service's address under its name.
    const address = await outerKubectl(['get', 'service', node, '-o', 'jsonpath={.spec.clusterIP}']);
    const { ca } = await entryOf(name);
    await podman(['exec', '-i', outer.node, 'tee', '/tmp/ca.crt'], { input: ca });
    const host = `${node}.default.svc`;
    const ask = ['curl', '--silent', '--fail', '--noproxy', '*', '--cacert', '/tmp/ca.crt'];
    const answer = podman([
      'exec',
      outer.node,
      ...ask,
      '--resolve',
      `${host}:6443:${address}`,
      `https://${host}:6443/healthz`,
    ]);
    expect(await answer).toContain('ok');
  });

  test('takes what forwards to it along when it is deleted', async () => {
    const forwarder = await forwarderOf(node);
    const { exitCode, stderr } = await inPods('delete', 'cluster', '--name', name);
    expect(exitCode, stderr).toBe(0);
    expect(await isRunning(forwarder)).toBe(false);
    expect(await home.read('kubeconfig')).not.toContain(`kind-${name}`);
  });
});

test('a NodePort is reached at the outer node’s address, for which the certificate is good', async () => {
  const name = inner('open');
  const flags = ['--context', `kind-${outer.name}`];
  const { exitCode, stderr } = await inPods('create', 'cluster', '--name', name, '--expose', 'nodeport', ...flags);
  expect(exitCode, stderr).toBe(0);
  const { server, ca } = await entryOf(name);
  expect(server.hostname).toBe(await outer.nodeAddress());
  expect(await kubectl(['get', '--raw', '/readyz'], `kind-${name}`)).toBe('ok');
  // A client that knows nothing but the address and the authority.
  const verified = await new Promise<boolean>((resolve, reject) => {
    const socket = connect({ host: server.hostname, port: Number(server.port), ca }, () => {
      resolve(socket.authorized);
      socket.destroy();
    }).on('error', reject);
  });
  expect(verified).toBe(true);
  expect((await inPods('delete', 'cluster', '--name', name, ...flags)).exitCode).toBe(0);
});

test('networks of the outer cluster are refused, with those to use', async () => {
  const config = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/16}
`;
  const file = await home.write('clash.yaml', config);
  const flags = ['--config', file, '--context', `kind-${outer.name}`];
  const { exitCode, stderr } = await inPods('create', 'cluster', '--name', inner('refused'), ...flags);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('podSubnet 10.244.0.0/16 overlaps 10.244.0.0/16, the pods of the cluster around it');
  expect(stderr).toContain('podSubnet: 10.245.0.0/16');
  expect(stderr).toContain('serviceSubnet: 10.97.0.0/16');
});

test.each(['with.dot', '1st', 'x'.repeat(40)])(
  'a name whose nodes could not have Services is refused before anything is made: %s',
  async (name) => {
    const objects = () => outerKubectl(['get', 'statefulsets,pods,services,secrets,configmaps', '-A', '-o', 'name']);
    const before = await objects();
    const flags = ['--context', `kind-${outer.name}`];
    const { exitCode, stderr } = await inPods('create', 'cluster', '--name', name, ...flags);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`a node cannot be called "${name}-control-plane" where nodes are Pods`);
    expect(await objects()).toBe(before);
  },
);

test('a name that no label can have is that of no cluster', async () => {
  const flags = ['--context', `kind-${outer.name}`];
  const { exitCode, stderr } = await inPods('delete', 'cluster', '--name', 'x'.repeat(64), ...flags);
  expect(exitCode, stderr).toBe(0);
});

describe('a service account with the rights of deploy/rbac.yaml', () => {
  const namespace = 'kinpod';

  beforeAll(async () => {
    await outerKubectl(['create', 'namespace', namespace]);
    await outerKubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=privileged']);
    await outerKubectl(['apply', '--namespace', namespace, '-f', `${root}/deploy/rbac.yaml`]);
    await outerKubectl(['create', 'serviceaccount', 'nobody', '--namespace', namespace]);
    await outerKubectl(['create', 'namespace', 'strict']);
    await outerKubectl(['label', 'namespace', 'strict', 'pod-security.kubernetes.io/enforce=baseline']);
  });

  /** `kinpod check` as a service account, by a kubeconfig with its token. */
  async function checkAs(account: string) {
    const token = await outerKubectl(['create', 'token', account, '--namespace', namespace]);
    const { server, ca } = await entryOf(outer.name);
    const authority = await home.write('outer-ca.crt', ca);
    const path = await home.write(`kubeconfig-${account}`, '');
    const set = (...args: string[]) => run(home.path('kubectl'), ['config', ...args, '--kubeconfig', path]);
    await set('set-cluster', 'outer', `--server=${server.origin}`, `--certificate-authority=${authority}`);
    await set('set-credentials', account, `--token=${token}`);
    await set('set-context', 'outer', '--cluster=outer', `--user=${account}`, `--namespace=${namespace}`);
    await set('use-context', 'outer');
    const { stdout, exitCode } = await home.kinpod(['check', '--provider', 'kubernetes', '-o', 'json'], {
      env: { KUBECONFIG: path },
    });
    const { results } = JSON.parse(stdout) as {
      results: { id: string; status: string; reason: string; fix?: { text: string } }[];
    };
    return { exitCode, of: (id: string) => results.find((one) => one.id === id) };
  }

  test('can do all that is needed, as "kinpod check" says', async () => {
    const { exitCode, of } = await checkAs('kinpod');
    expect(of('outer-rights')).toMatchObject({ status: 'ok' });
    expect(of('outer-view')).toMatchObject({ status: 'warning' });
    expect(of('outer-pod-security')).toMatchObject({ status: 'ok' });
    expect(of('outer-image')).toMatchObject({ status: 'ok' });
    expect(of('outer-vxlan')).toMatchObject({ status: 'ok' });
    expect(exitCode).toBe(0);
  });

  test('has more than one without any, of which "kinpod check" says what is missing', async () => {
    const { exitCode, of } = await checkAs('nobody');
    expect(exitCode).toBe(1);
    expect(of('outer-rights')?.reason).toContain('create, delete pods');
    expect(of('outer-rights')?.fix?.text).toContain('--serviceaccount kinpod:nobody');
    expect(of('outer-image')).toBeUndefined();
  });

  test('is told by "kinpod check" of a namespace that takes no privileged Pods', async () => {
    const flags = ['--context', `kind-${outer.name}`, '--namespace', 'strict'];
    const { exitCode, stdout } = await inPods('check', ...flags);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('takes only Pods of the level baseline');
    expect(stdout).toContain('kubectl label namespace strict pod-security.kubernetes.io/enforce=privileged');
  });

  test('makes, uses and deletes a cluster from a Pod, without a kubeconfig', async () => {
    const script = `
kinpod() { /host/node /host/tree/dist/kinpod.js "$@" --provider kubernetes --name ${inner('by-pod')}; }
kinpod create cluster --wait 2m || exit 1
kubectl get nodes --no-headers || exit 2
grep server: ~/.kube/config
kinpod delete cluster || exit 3
echo all is well`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'maker', namespace },
      spec: {
        serviceAccountName: 'kinpod',
        restartPolicy: 'Never',
        containers: [
          {
            name: 'maker',
            image: NODE_IMAGE,
            command: ['sh', '-c', script],
            env: [{ name: 'HOME', value: '/tmp' }],
            volumeMounts: [
              { name: 'tree', mountPath: '/host/tree' },
              { name: 'node', mountPath: '/host/node' },
            ],
          },
        ],
        volumes: [
          { name: 'tree', hostPath: { path: IN_OUTER_NODE.tree } },
          { name: 'node', hostPath: { path: IN_OUTER_NODE.node } },
        ],
      },
    };
    await outerKubectl(['create', '-f', '-'], JSON.stringify(pod));
    const phase = () => outerKubectl(['get', 'pod', 'maker', '-n', namespace, '-o', 'jsonpath={.status.phase}']);
    await eventually(async () => /Succeeded|Failed/.test(await phase()), {
      withinMs: 180_000,
      everyMs: 500,
      what: 'the Pod to have made a cluster',
    });
    const log = await outerKubectl(['logs', 'maker', '-n', namespace]);
    expect(await phase(), log).toBe('Succeeded');
    expect(log).toContain(`server: https://${inner('by-pod')}-control-plane.${namespace}.svc:6443`);
    expect(log).toMatch(/-control-plane +Ready/);
    const left = await outerKubectl(['get', 'statefulsets,services,secrets,configmaps', '-n', namespace, '-o', 'name']);
    expect(left).toBe('configmap/kube-root-ca.crt');
  });
});
