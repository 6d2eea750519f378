import { afterAll, describe, expect, test } from 'vitest';
import { allPodsReady, useCluster } from '../support/cluster.ts';
import { everyPodReachesEveryPod, oneOnEveryNode } from '../support/dial.ts';
import { added, engineState, footprint, traces } from '../support/engine-state.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { allNodesReady, stagesOf } from '../support/nodes.ts';
import { podman, removeTestObjects } from '../support/podman.ts';
import { RUNTIME } from '../support/runtime.ts';

const before = await engineState();
const cluster = useCluster('many', {
  config: `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
kubeadmConfigPatches:
- |
  kind: KubeletConfiguration
  maxPods: 77
- |
  kind: JoinConfiguration
  nodeRegistration:
    kubeletExtraArgs:
    - {name: node-labels, value: from-patch=yes}
nodes:
- role: control-plane
- role: worker
  labels: {tier: front}
- role: worker
  kubeadmConfigPatches:
  - |
    kind: JoinConfiguration
    nodeRegistration:
      taints: [{key: dedicated, value: batch, effect: NoSchedule}]
  - |
    kind: KubeletConfiguration
    maxPods: 33
`,
});
const worker = `${cluster.name}-worker`;
const worker2 = `${cluster.name}-worker2`;
const nodes = [cluster.node, worker, worker2];
/** A machine that is no node of kinpod's. */
const outsider = `${cluster.name}-outsider`;

afterAll(() => removeTestObjects(outsider));

describe('create cluster', () => {
  test('tells the steps of kind, with a box for each node', () => {
    expect(stagesOf(cluster.created.stderr)).toEqual([
      `Ensuring node image (${NODE_IMAGE}) 🖼️`,
      'Preparing nodes 📦 📦 📦',
      'Writing configuration 📜',
      'Starting control-plane 🕹️',
      'Installing CNI 🔌',
      'Installing StorageClass 💾',
      'Joining worker nodes 🚜',
      'Waiting ≤ 2m0s for control-plane = Ready ⏳',
    ]);
  });

  test('makes every node Ready, each with a range of pod addresses of its own', async () => {
    const all = await allNodesReady(cluster, nodes);
    expect(all.map((n) => n.status.nodeInfo.kubeletVersion)).toEqual(['v1.36.3', 'v1.36.3', 'v1.36.3']);
    expect(all.map((n) => n.spec.podCIDR)).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24']);
    expect(all.map((n) => n.spec.providerID)).toEqual(nodes.map((name) => `kind://podman/${cluster.name}/${name}`));
  });

  test('keeps the taint and the label of a control plane that is not alone', async () => {
    const [controlPlane, ...workers] = await allNodesReady(cluster, nodes);
    expect(controlPlane?.spec.taints).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
    const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers';
    expect(controlPlane?.metadata.labels).toHaveProperty([excluded]);
    for (const one of workers) expect(one.metadata.labels).not.toHaveProperty([excluded]);
  });

  test('brings every system pod to Running without a restart', async () => {
    const pods = await allPodsReady(cluster);
    expect(pods.filter((p) => p.metadata.name.startsWith('kube-proxy-'))).toHaveLength(nodes.length);
    expect(pods.flatMap((p) => p.status.containerStatuses ?? []).filter((c) => c.restartCount > 0)).toEqual([]);
  });
});

test('no connection is lost at the gate: every node has got through to the API by now', async () => {
  for (const node of [worker, worker2]) {
    await eventually(async () => (await podman(['exec', node, 'ls', '/kind/kinpod'])).split('\n').includes('set-up'), {
      // A lost connection is made anew after ten.
      withinMs: 5_000,
      what: `${node} to be set up`,
    });
  }
});

describe('patches', () => {
  test('of JoinConfiguration reach the workers, of the cluster and of one node', async () => {
    const [controlPlane, first, second] = await allNodesReady(cluster, nodes);
    expect(controlPlane?.metadata.labels).not.toHaveProperty('from-patch');
    // As in kind, the patch replaces the argument that the labels of the config became.
    expect(first?.metadata.labels).toMatchObject({ 'from-patch': 'yes' });
    expect(first?.spec.taints).toBeUndefined();
    expect(second?.metadata.labels).toMatchObject({ 'from-patch': 'yes' });
    expect(second?.spec.taints).toMatchObject([{ key: 'dedicated', effect: 'NoSchedule' }]);
  });

  test('of KubeletConfiguration reach every kubelet, and that of one node its own', async () => {
    const limits = await Promise.all(
      nodes.map(async (name) => {
        const config = await cluster.kubectl(['get', '--raw', `/api/v1/nodes/${name}/proxy/configz`]);
        return JSON.parse(config).kubeletconfig.maxPods;
      }),
    );
    expect(limits).toEqual([77, 77, 33]);
  });
});

describe('the identity of a worker', () => {
  test('is that of a node, and no key of an authority lies there', async () => {
    const who = await podman([
      'exec',
      worker,
      'kubectl',
      '--kubeconfig=/etc/kubernetes/kubelet.conf',
      'auth',
      'whoami',
    ]);
    expect(who).toContain(`system:node:${worker}`);
    expect(who).toContain('system:nodes');
    const keys = await podman(['exec', worker, 'find', '/etc/kubernetes', '/kind/kinpod', '-name', '*.key']);
    expect(keys).toBe('');
  });
});

describe('pods on different nodes', () => {
  test('reach each other and their Service', async () => {
    await cluster.apply(oneOnEveryNode());
    await everyPodReachesEveryPod(cluster, nodes);
  });

  test('still do after a node was restarted', async () => {
    await podman(['stop', '--time', '10', worker2]);
    await podman(['start', worker2]);
    await allNodesReady(cluster, nodes);
    await everyPodReachesEveryPod(cluster, nodes);
  });

  test('still do after all nodes were stopped and started', async () => {
    await podman(['stop', '--time', '10', ...nodes]);
    await podman(['start', ...nodes]);
    await eventually(async () => (await cluster.kubectl(['get', '--raw', '/readyz'])) === 'ok', {
      withinMs: 60_000,
      what: 'the API server after the restart',
    });
    await allNodesReady(cluster, nodes);
    await everyPodReachesEveryPod(cluster, nodes);
  });
});

test('a machine from outside joins with kubeadm', async () => {
  const network = await podman([
    'inspect',
    '--format',
    '{{range $k, $_ := .NetworkSettings.Networks}}{{$k}}{{end}}',
    worker,
  ]);
  const limits = (
    await podman(['inspect', '--format', '{{range .HostConfig.Ulimits}}{{.Name}}={{.Soft}}:{{.Hard}} {{end}}', worker])
  )
    .split(' ')
    .filter(Boolean)
    .map((limit) => `--ulimit=${limit.toLowerCase().replace('rlimit_', '')}`);
  await podman([
    ...['run', '--detach', '--name', outsider, '--hostname', outsider, '--privileged', '--cgroupns=private', '--tty'],
    ...['--tmpfs=/tmp', '--tmpfs=/run', '--volume=/var', `--network=${network.trim()}`, '--env=container=podman'],
    ...['--pids-limit=-1', ...limits, NODE_IMAGE],
  ]);
  const inside = (...argv: string[]) => podman(['exec', outsider, ...argv]);
  await eventually(async () => (await inside('systemctl', 'is-active', RUNTIME.unit)) === 'active', {
    withinMs: 60_000,
    what: `${RUNTIME.title} of the machine`,
  });
  await inside(
    ...['kubeadm', 'join', `${cluster.node}:6443`, '--token=abcdef.0123456789abcdef'],
    ...['--discovery-token-unsafe-skip-ca-verification', '--ignore-preflight-errors=all'],
  );
  await eventually(async () => (await cluster.kubectl(['get', 'nodes', '-o', 'name'])).includes(outsider), {
    withinMs: 30_000,
    what: 'the Node of the machine',
  });
  await podman(['rm', '--force', '--volumes', '--time', '0', outsider]);
  await cluster.kubectl(['delete', 'node', outsider]);
});

test('get nodes lists them, and delete cluster leaves nothing', async () => {
  expect((await cluster.kinpod(['get', 'nodes'])).stdout.split('\n').sort()).toEqual([...nodes].sort());
  const names = await footprint(cluster.name);
  const { stderr } = await cluster.kinpod(['delete', 'cluster']);
  for (const node of nodes) expect(stderr).toContain(`"${node}"`);
  expect(added(before, await engineState()).filter((one) => one !== 'network kind')).toEqual([]);
  expect(await traces(names)).toEqual([]);
});
