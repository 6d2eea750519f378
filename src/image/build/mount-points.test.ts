import { expect, test } from 'vitest';
import { layerOrder } from './layer.ts';
import { mountPoints } from './mount-points.ts';

test('a sandbox has what the runtime mounts, and nothing that it does not', () => {
  expect(layerOrder(mountPoints('pause')).map(({ path }) => path)).toEqual([
    '/dev',
    '/etc',
    '/etc/resolv.conf',
    '/proc',
    '/sys',
  ]);
});

test('a directory is made for a directory, and an empty file for a file', () => {
  const points = mountPoints('kube-scheduler');
  expect(points).toContainEqual({ type: 'directory', path: '/kind/kinpod/serving', mode: 0o755 });
  expect(points).toContainEqual({ type: 'file', path: '/etc/kubernetes/scheduler.conf', content: '', mode: 0o644 });
  expect(points).toContainEqual({ type: 'file', path: '/etc/hosts', content: '', mode: 0o644 });
});

test.each(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'coredns', 'agnhost'])(
  'the layer of %s has no path twice',
  (image) => {
    expect(() => layerOrder(mountPoints(image))).not.toThrow();
  },
);
