import { expect, test } from 'vitest';
import type { OuterNode } from '../provider.ts';
import { parsePodState } from './await-pod.ts';
import { imageKey } from './known-images.ts';
import { nodesOf } from './listing.ts';
import type { KubernetesObject, Pod, Service } from './objects.ts';
import { parseFacts } from './probe.ts';

const labels = { 'io.x-k8s.kind.cluster': 'c', 'io.x-k8s.kind.role': 'worker', 'dev.kinpod.node': 'c-worker' };

function service(name = 'c-worker'): Service {
  const annotations = { 'dev.kinpod.address': '198.18.0.130' };
  const metadata = { name, labels: { ...labels, 'dev.kinpod.kubernetes-version': 'v1.36.3' }, annotations };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.96.0.8' } };
}

function pod(running: boolean, deleted = false): Pod {
  const metadata = { name: 'c-worker-0', labels, ...(deleted ? { deletionTimestamp: 'now' } : {}) };
  const state = running ? { running: {} } : { waiting: { reason: 'ContainerCreating' } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { containerStatuses: [{ state }] } };
}

test.each<[string, KubernetesObject[], boolean]>([
  ['a Service alone, as a killed create leaves it', [service()], false],
  ['a Pod that is being made', [service(), pod(false)], false],
  ['a Pod that runs', [pod(true), service()], true],
  ['a Pod that is on its way out', [service(), pod(true, true)], false],
])('a node is one with %s', (_, objects, running) => {
  expect(nodesOf(objects)).toMatchObject([{ name: 'c-worker', cluster: 'c', role: 'worker', running }]);
});

test('what belongs to a cluster and not to a node is no node', () => {
  const { 'dev.kinpod.node': _, ...ofCluster } = labels;
  expect(nodesOf([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x', labels: ofCluster } }])).toEqual([]);
});

test.each([
  ['Pending|||||u', { uid: 'u', phase: 'Pending', running: false, waiting: '', scheduling: '' }],
  [
    'Pending|||Unschedulable||u',
    { uid: 'u', phase: 'Pending', running: false, waiting: '', scheduling: 'Unschedulable' },
  ],
  [
    'Pending||ErrImagePull|||u',
    { uid: 'u', phase: 'Pending', running: false, waiting: 'ErrImagePull', scheduling: '' },
  ],
  ['Running|2026-11-25T23:19:41Z||||u', { uid: 'u', phase: 'Running', running: true, waiting: '', scheduling: '' }],
  ['Running|2026-11-25T23:19:41Z|||2026-11-25T23:20:41Z|u', undefined],
  ['error: the server is gone', undefined],
])('a line %j of a watch tells %j', (line, state) => {
  expect(parsePodState(line)).toEqual(state);
});

test('what a Pod found out is what nodes may do', () => {
  const text = [
    'version=v1.36.3',
    'crictl=unix:///run/containerd/containerd.sock',
    'haproxy=/usr/sbin/haproxy',
    'cgroup=tmpfs',
    'capabilities=000001fffeffffff',
    'uid_map=0 0 4294967295',
    'oom_score_adj=1000',
    'nofile=20000',
    'nproc=unlimited',
    'ipv6=yes',
    'cpus=2',
    'memory=24579272 kB',
  ].join('\n');
  expect(parseFacts('sha256:1', text)).toMatchObject({
    ...{ id: 'sha256:1', version: 'v1.36.3', own: true, ipv6: true, runtime: 'containerd' },
    allowances: {
      ...{ capSysResource: false, userNamespace: false, cgroup: 'v1', oomScoreAdj: 1000 },
      ...{ nofileHard: 20000, nprocHard: 'unlimited', machine: { cpus: 2, memoryBytes: 24579272 * 1024 } },
    },
  });
  const other = text
    .replace('1fffeffffff', '1ffffffffff')
    .replace('tmpfs', 'cgroup2fs')
    .replace('/usr/sbin/haproxy', '')
    .replace('containerd/containerd.sock', 'crio/crio.sock');
  const changed = parseFacts('', other.replace('0 0 4294967295', '0 100000 65536'));
  expect(changed).toMatchObject({
    own: false,
    runtime: 'cri-o',
    allowances: { capSysResource: true, userNamespace: true, cgroup: 'v2' },
  });
});

test('an image is known again while the nodes list the same one, and were not started again', () => {
  const node = (names: string[], sizeBytes = 1, bootID = 'b'): OuterNode => ({
    metadata: { name: 'n' },
    status: { images: [{ names, sizeBytes }], nodeInfo: { bootID } },
  });
  const key = (...args: Parameters<typeof node>) => imageKey([node(...args)], 'kindest/node:v1');
  const known = key(['docker.io/kindest/node:v1']);
  expect(known).toBeDefined();
  expect(key(['docker.io/kindest/node:v1'])).toBe(known);
  expect(key(['docker.io/kindest/node:v1'], 2)).not.toBe(known);
  expect(key(['docker.io/kindest/node:v1'], 1, 'c')).not.toBe(known);
  expect(key(['docker.io/kindest/node:v2'])).toBeUndefined();
});
