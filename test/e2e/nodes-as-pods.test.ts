import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { onPath } from '../../src/exec/on-path.ts';
import { defaultPodImageName } from '../../src/image/pod/build-pod-image.ts';
import { chooseProvider } from '../../src/provider/detect.ts';
import { CLUSTER_LABEL } from '../../src/provider/labels.ts';
import { providerContract } from '../conformance/provider.ts';
import { RunningKinpod, root } from '../support/cli.ts';
import { AGNHOST, allPodsReady, useHome } from '../support/cluster.ts';
import { everyPodReachesEveryPod, oneOnEveryNode } from '../support/dial.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { allNodesReady } from '../support/nodes.ts';
import { PREFIX, podman } from '../support/podman.ts';
import { outerState, PodCluster, untilAsBefore, useOuterCluster } from '../support/pods.ts';
import { unless } from '../support/unless.ts';

const outer = useOuterCluster('outer');
const home = useHome();
let before: string[];

beforeAll(async () => {
  // The image is looked at by a Pod of its own once, which is no part of what is compared.
  await allPodsReady(outer);
  before = await outerState(outer);
});

/** Other subnets than the outer cluster's: packets to its DNS server must not be taken for the inner one's. */
const config = (rest: string) => `kind: Cluster
apiVersion: kinpod.dev/v1alpha1
networking: {podSubnet: 10.245.0.0/16, serviceSubnet: 10.97.0.0/16}
${rest}`;

/** A Node's size. */
interface Sized {
  status: Record<'capacity' | 'allocatable', Record<string, string>>;
}

/** deploy/pod.yaml with subnets apart from both clusters' around it. */
async function thirdLevel(): Promise<string> {
  const manifest = await readFile(join(root, 'deploy', 'pod.yaml'), 'utf8');
  return manifest.replace('10.245.0.0/16', '10.246.0.0/16').replace('10.97.0.0/16', '10.98.0.0/16');
}

const noPodImage = (await onPath('mmdebstrap', process.env)) ? undefined : 'mmdebstrap is not installed';

/** What the node with limits may use: a control plane takes half of it. */
const MEMORY_MIB = 1800;

describe('a cluster of two nodes', () => {
  const cluster = new PodCluster('inner', home, outer);
  const nodes = [cluster.node, `${cluster.name}-worker`];
  const worker = `${cluster.name}-worker`;

  beforeAll(() =>
    cluster.create({ config: config('pods: {expose: nodeport}\nnodes: [{role: control-plane}, {role: worker}]') }),
  );

  test('has both nodes Ready, reached from this host by the kubeconfig', async () => {
    const ready = await allNodesReady(cluster, nodes);
    expect(ready.map((node) => node.spec.providerID)).toEqual(
      nodes.map((name) => `kind://kubernetes/${cluster.name}/${name}`),
    );
  });

  test('is listed, with its nodes', async () => {
    expect((await home.kinpod(['get', 'clusters', ...cluster.flags])).stdout).toBe(cluster.name);
    expect((await cluster.kinpod(['get', 'nodes'])).stdout.split('\n')).toEqual(nodes);
  });

  test('has a network in which pods on both nodes reach each other, and Services by name', async () => {
    await cluster.apply(oneOnEveryNode());
    await everyPodReachesEveryPod(cluster, nodes);
  });

  test('has pods whose packets fit through the network of the nodes', async () => {
    const mtu = async (device: string) => Number(await cluster.exec('cat', `/sys/class/net/${device}/mtu`));
    const conf = await cluster.exec('cat', '/etc/cni/net.d/10-kindnet.conflist');
    expect(Number(/"mtu": (\d+)/.exec(conf)?.[1])).toBe((await mtu('eth0')) - 50);
    expect(await mtu('kinpod0')).toBe((await mtu('eth0')) - 50);
  });

  test('has its worker back when that loses its Pod, and all that was on it', async () => {
    const id = await cluster.execIn(worker, 'cat', '/kind/product_uuid');
    await cluster.replacePod(worker);
    await eventually(async () => (await cluster.execIn(worker, 'cat', '/kind/product_uuid')) !== id, {
      withinMs: 60_000,
      everyMs: 500,
      what: 'a node without the memory of the one before',
    });
    await cluster.waitFor('rollout', 'status', 'daemonset/web');
    await allNodesReady(cluster, nodes);
    await everyPodReachesEveryPod(cluster, nodes);
  });

  test('gives its logs', async () => {
    const { exitCode, stderr } = await cluster.kinpod(['export', 'logs', home.path('logs')]);
    expect(exitCode, stderr).toBe(0);
    expect(await home.read(`logs/${worker}/kubelet.log`)).toContain('kubelet');
    expect(await home.read('logs/summary.txt')).toContain(cluster.name);
  });

  test('has clusters in Pods of its own, on a third level', unless(noPodImage), async () => {
    const image = defaultPodImageName();
    const built = await home.kinpod(['build', 'pod-image'], { timeoutMs: 500_000 });
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    const loaded = await cluster.kinpod(['load', 'docker-image', image, '--nodes', worker], { timeoutMs: 240_000 });
    expect(loaded, loaded.stderr).toMatchObject({ exitCode: 0 });
    const started = Date.now();
    await cluster.apply(await thirdLevel());
    const wait = ['wait', '--for=condition=Ready', 'pod/kinpod', '--timeout=200s'];
    await cluster.kubectl(wait, { timeoutMs: 210_000 });
    console.info(`Ready after ${Date.now() - started} ms`);
    const inside = (...args: string[]) => cluster.kubectl(['exec', 'kinpod', '--', 'kubectl', ...args]);
    expect(await inside('get', 'nodes', '-o', 'name')).toBe('node/kind-control-plane');
    // A pod of the third level, by the second's name of a Service.
    const connect = ['connect', 'kubernetes.default.svc.cluster2.local:443', '--timeout=5s'];
    await inside('run', 'looks-out', `--image=${AGNHOST}`, '--restart=OnFailure', '--', ...connect);
    await inside('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/looks-out', '--timeout=90s');
  });

  test('leaves nothing in the outer cluster when it is deleted', async () => {
    const started = Date.now();
    await cluster.delete();
    console.info(`deleted in ${Date.now() - started} ms`);
    await untilAsBefore(outer, before);
  });
});

describe('a cluster with a volume', () => {
  const cluster = new PodCluster('kept', home, outer);
  const text = `pods: {expose: nodeport, storage: {size: 2Gi}}\nnodes: [{role: control-plane, resources: {requests: {cpu: 100m, memory: 500Mi}, limits: {cpu: 1500m, memory: ${MEMORY_MIB}Mi}}}]`;

  beforeAll(() => cluster.create({ config: config(text) }));

  test('has the size that its Pod has, and no more', async () => {
    const [{ status } = { status: undefined }] = (await cluster.get<{ items: Sized[] }>('nodes')).items;
    expect(status).toMatchObject({
      capacity: { cpu: '2', memory: `${MEMORY_MIB}Mi` },
      allocatable: { cpu: '1500m', memory: `${MEMORY_MIB}Mi` },
    });
  });

  test('ends a pod that takes more memory than there is, and goes on', async () => {
    const argv = ['stress', '--mem-total=4Gi', '--mem-alloc-size=256Mi', '--mem-alloc-sleep=10ms'];
    await cluster.kubectl(['run', 'hog', `--image=${AGNHOST}`, '--restart=Never', '--', ...argv]);
    await cluster.waitFor('wait', '--for=jsonpath={.status.phase}=Failed', 'pod/hog');
    expect(await allNodesReady(cluster, [cluster.node])).toHaveLength(1);
    // The Pod around it has not been ended.
    const restarts = '{.status.containerStatuses[0].restartCount}';
    expect(await outer.kubectl(['get', 'pod', `${cluster.node}-0`, '-o', `jsonpath=${restarts}`])).toBe('0');
  });

  test('comes back as it was when its control plane loses its Pod', async () => {
    await cluster.kubectl(['create', 'configmap', 'precious', '--from-literal=a=b']);
    const [node] = await allNodesReady(cluster, [cluster.node]);
    const id = await cluster.exec('cat', '/kind/product_uuid');
    await cluster.replacePod(cluster.node);
    const data = () =>
      cluster.kubectl(['get', 'configmap', 'precious', '-o', 'jsonpath={.data.a}', '--request-timeout=3s']);
    const started = Date.now();
    expect(await eventually(data, { withinMs: 90_000, what: 'the API server to be back' })).toBe('b');
    console.info(`back after ${Date.now() - started} ms`);
    expect(await allNodesReady(cluster, [cluster.node])).toMatchObject([{ spec: node?.spec }]);
    expect(await cluster.exec('cat', '/kind/product_uuid')).toBe(id);
  });

  test('leaves nothing in the outer cluster when it is deleted, no volume either', async () => {
    await cluster.delete();
    await untilAsBefore(outer, before);
  });
});

describe('a kinpod that is killed', () => {
  const cluster = new PodCluster('killed', home, outer);

  beforeAll(() => cluster.knowOuter());

  test.each(['Preparing nodes', 'Writing configuration', 'Starting control-plane'])(
    'at "%s" leaves only what "delete cluster" removes',
    async (line) => {
      const file = await home.write('cluster.yaml', config(''));
      const args = ['create', 'cluster', '--name', cluster.name, '--config', file, ...cluster.flags];
      const running = new RunningKinpod(args, home.env);
      await running.hasPrinted(line);
      running.kill('SIGKILL');
      await running.ended();
      await running.orphansEnded();
      await cluster.delete();
      await untilAsBefore(outer, before);
    },
  );
});

providerContract('kubernetes', {
  provider: async () =>
    chooseProvider('kubernetes', await cheapFacts(realHost()), { ...process.env, ...outer.home.env }, {}),
  image: NODE_IMAGE,
  version: 'v1.36.3',
  publishes: false,
  sharesNetwork: false,
  prefix: PREFIX,
  removeAll: async () => {
    await outer.kubectl([
      'delete',
      'statefulsets,pods,services,configmaps',
      '--all',
      '--namespace=default',
      '--grace-period=1',
    ]);
  },
  halfNode: async (spec) => {
    const service = ['create', 'service', 'clusterip', spec.name, '--tcp=6443'];
    await outer.kubectl(service);
    await outer.kubectl(['label', 'service', spec.name, `${CLUSTER_LABEL}=${spec.cluster}`]);
    return {
      isThere: async () => (await outer.kubectl(['get', 'services', '-o', 'name'])).includes(`service/${spec.name}`),
    };
  },
  restart: async (node) => {
    const restarts = async () =>
      outer.kubectl([
        ...['get', 'pod', `${node}-0`],
        ...['-o', 'jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].state.running}'],
      ]);
    const [count = ''] = (await restarts()).split(' ');
    const inOuterNode = (...argv: string[]) => podman(['exec', outer.node, ...argv]);
    const id = await inOuterNode('crictl', 'ps', '--quiet', '--label', `io.kubernetes.pod.name=${node}-0`);
    await inOuterNode('crictl', 'stop', '--timeout', '0', id.trim());
    await eventually(async () => new RegExp(`^${Number(count) + 1} .*startedAt`).test(await restarts()), {
      withinMs: 60_000,
      what: `${node} to be started again`,
    });
  },
});
