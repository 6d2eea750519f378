import { expect, test } from 'vitest';
import { type Expectation, reached, type Watched } from './milestones.ts';

const expected: Expectation = { nodes: 1, controlPlanes: 1, onEveryNode: ['kube-proxy-'], userPod: 'first' };

const object = (name: string, ready = true, namespace = 'kube-system'): Watched => ({
  metadata: { name, namespace },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const node = object('cp');
const system = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => object(`${name}-cp`)),
  ...['kube-proxy-a', 'coredns-a', 'coredns-b', 'local-path-provisioner-a'].map((name) => object(name)),
];
const milestones = (pods: readonly Watched[], change: Partial<Expectation> = {}) => [
  ...reached([node], pods, { ...expected, ...change }),
];

test('nothing is reached where there is nothing', () => {
  expect([...reached([], [], expected)]).toEqual([]);
});

test('the system is ready when all that belongs to it is', () => {
  expect(milestones(system)).toEqual(['nodesReady', 'corednsReady', 'systemPodsReady']);
});

test.each(system.map((p) => p.metadata.name))('the system is not ready without %s', (name) => {
  const others = system.filter((p) => p.metadata.name !== name);
  expect(milestones(others)).not.toContain('systemPodsReady');
  expect(milestones([...others, object(name, false)])).not.toContain('systemPodsReady');
});

test('a system pod that nobody expects must be ready too', () => {
  expect(milestones([...system, object('extra', false)])).not.toContain('systemPodsReady');
});

test("the user's pod counts when it runs, and not for the system", () => {
  expect(milestones([...system, object('first', false, 'default')])).toEqual([
    'nodesReady',
    'corednsReady',
    'systemPodsReady',
    'firstPodRuns',
  ]);
});

test('a network daemon that is expected must be there on every node', () => {
  const withDaemon = { onEveryNode: ['kube-proxy-', 'kindnet-'] };
  expect(milestones(system, withDaemon)).not.toContain('systemPodsReady');
  expect(milestones([...system, object('kindnet-a')], withDaemon)).toContain('systemPodsReady');
  expect(milestones([...system, object('kindnet-a')], { ...withDaemon, nodes: 2 })).toEqual(['corednsReady']);
});
