import { expect, test } from 'vitest';
import { layerOrder } from './layer.ts';
import { mountPoints, mountPointsOf } from './mount-points.ts';

test('a sandbox has what the runtime mounts, and nothing that it does not', () => {
  expect(layerOrder(mountPointsOf('pause')).map(({ path }) => path)).toEqual([
    '/dev',
    '/etc',
    '/etc/resolv.conf',
    '/proc',
    '/sys',
  ]);
});

test('a directory is made for a directory, and an empty file for a file', () => {
  const points = [...mountPoints(), ...mountPointsOf('kube-scheduler')];
  expect(points).toContainEqual({ type: 'directory', path: '/kind/kinpod/serving', mode: 0o755 });
  expect(points).toContainEqual({ type: 'file', path: '/etc/kubernetes/scheduler.conf', content: '', mode: 0o644 });
  expect(points).toContainEqual({ type: 'file', path: '/etc/hosts', content: '', mode: 0o644 });
});

test.each(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'coredns', 'agnhost'])(
  'what is mounted into %s has no path twice',
  (image) => {
    expect(() => layerOrder([...mountPoints(), ...mountPointsOf(image)])).not.toThrow();
  },
);
