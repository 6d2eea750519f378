import { expect, test } from 'vitest';
import type { NodeInfo } from '../../provider/provider.ts';
import type { ApiPod, ClusterState } from './cluster-state.ts';
import { summaryText } from './summary.ts';

const nodes: NodeInfo[] = ['c-control-plane', 'c-worker', 'c-worker2'].map((name) => ({
  name,
  cluster: 'c',
  role: name === 'c-control-plane' ? 'control-plane' : 'worker',
  running: name !== 'c-worker2',
  labels: {},
}));

const pod = (name: string, status: ApiPod['status']): ApiPod => ({
  metadata: { name, namespace: 'default' },
  spec: { nodeName: 'c-worker' },
  ...(status && { status }),
});

const container = { name: 'app', ready: true, restartCount: 0 };
const state: ClusterState = {
  nodes: [
    {
      metadata: { name: 'c-control-plane' },
      status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.36.3' } },
    },
    {
      metadata: { name: 'c-worker' },
      status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'no CNI' }] },
    },
  ],
  pods: [
    pod('fine', { phase: 'Running', containerStatuses: [container] }),
    pod('done', { phase: 'Succeeded', containerStatuses: [{ ...container, ready: false }] }),
    pod('stuck', {
      phase: 'Pending',
      containerStatuses: [
        {
          ...container,
          ready: false,
          state: { waiting: { reason: 'ImagePullBackOff', message: 'no such host\nmore' } },
        },
      ],
    }),
    pod('homeless', {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' }],
    }),
    pod('again', {
      phase: 'Running',
      containerStatuses: [
        { ...container, restartCount: 3, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
      ],
    }),
  ],
};

const input = {
  cluster: 'c',
  provider: 'podman',
  version: '1.0.0',
  at: new Date('2026-01-02T03:04:05Z'),
  nodes,
  state,
  errors: new Map([
    ['c-worker/kubelet.log', { count: 9, last: ['E1 one', 'E2 two'] }],
    ['c-worker/containerd.log', { count: 0, last: [] }],
  ]),
  gaps: [{ file: 'c-worker2', reason: 'the node is stopped' }],
};

test('says what is wrong, where, and what is not known', () => {
  expect(summaryText(input)).toBe(`Cluster "c" on podman, 2026-01-02T03:04:05.000Z, collected by kinpod 1.0.0

Nodes
  c-control-plane (control-plane): running, Ready v1.36.3
  c-worker (worker): running, not Ready: KubeletNotReady: no CNI
  c-worker2 (worker): stopped, not registered

Pods that do not run: 2 of 5
  default/stuck on c-worker: Pending; app: ImagePullBackOff: no such host
  default/homeless on c-worker: Pending; 0/2 nodes

Restarts
  default/again: app 3 restarts, last ended with OOMKilled (exit code 137)

Errors in c-worker/kubelet.log: 9, the last 2 that differ
  E1 one
  E2 two

Not collected
  c-worker2: the node is stopped

`);
});

test('is made without the API server too', () => {
  const text = summaryText({ ...input, state: new Error('connection refused'), gaps: [] });
  expect(text).toContain('c-control-plane (control-plane): running\n');
  expect(text).toContain('not known: the API server did not answer: connection refused');
  expect(text).toContain('Not collected\n  nothing is missing');
});
