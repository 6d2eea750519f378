import { expect, test } from 'vitest';
import { localProbes } from './static-pods.ts';

const cluster = (extraArgs: { name: string; value: string }[]) => [
  { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration', apiServer: { extraArgs } },
];

test("a further control plane's API server is asked for its health at the loopback address", () => {
  const [patch, ...more] = localProbes('member', cluster([{ name: 'v', value: '4' }]));
  expect(more).toEqual([]);
  const probe = { httpGet: { host: '127.0.0.1' } };
  expect(patch).toMatchObject({
    target: 'kube-apiserver',
    patch: { spec: { containers: [{ startupProbe: probe, livenessProbe: probe, readinessProbe: probe }] } },
  });
});

test('not where it may not listen there, and not on other nodes', () => {
  expect(localProbes('member', cluster([{ name: 'bind-address', value: '10.0.0.1' }]))).toEqual([]);
  expect(localProbes('first', cluster([]))).toEqual([]);
  expect(localProbes('worker', cluster([]))).toEqual([]);
});
