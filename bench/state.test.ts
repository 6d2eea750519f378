import { expect, test } from 'vitest';
import { pods, systemPodsReady } from './state.ts';

const pod = (name: string, ready = true, namespace = 'kube-system') => ({
  metadata: { name, namespace },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const complete = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((n) => pod(`${n}-n1`)),
  pod('kube-proxy-x'),
  pod('coredns-1'),
  pod('coredns-2'),
  pod('local-path-provisioner-1', true, 'local-path-storage'),
];
const look = (items: typeof complete) => ({ nodeReady: true, ...pods({ items }, 'n1') });

test('all pods that a cluster must have, and all Ready', () => {
  expect(systemPodsReady(look(complete))).toBe(true);
});

test('a static pod that the API does not show yet counts as missing', () => {
  const state = look(complete.slice(1));
  expect(state.missing).toEqual(['etcd-n1']);
  expect(systemPodsReady(state)).toBe(false);
});

test('a pod beyond those must be Ready too, as that of kind’s network', () => {
  expect(systemPodsReady(look([...complete, pod('kindnet-x', false)]))).toBe(false);
});

test('pods of users do not count', () => {
  expect(systemPodsReady(look([...complete, pod('mine', false, 'default')]))).toBe(true);
});

test('CoreDNS is ready with both of its pods', () => {
  expect(look(complete.filter((p) => p.metadata.name !== 'coredns-2')).corednsReady).toBe(false);
});
