import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeFile } from '../../node/node-file.ts';
import { fitToMounts } from './mounted-files.ts';

const FILES = {
  'pki/ca.key': 'ours',
  'pki/sa.key': 'others',
  'serving/kubelet.crt': 'mine',
  'serving/kubelet.key': 'mine',
  'half/kubelet.key': 'mine',
  'config.toml': 'mine',
};
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mounted-files-'));
  for (const name of ['pki', 'serving', 'half']) await mkdir(join(dir, name));
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(dir, name), content);
});
afterAll(() => rm(dir, { recursive: true }));

const file = (path: string): NodeFile => ({ path, content: 'ours' });
const fitted = (path: string, hostPath: string, containerPath: string, readOnly = false) =>
  fitToMounts(
    [file(path)],
    [{ hostPath: join(dir, hostPath), containerPath, readOnly, selinuxRelabel: false, propagation: 'None' }],
  );

test.each([
  ['where nothing is mounted', '/etc/hosts', 'pki', '/srv'],
  ["into a directory of the user's that has no such file", '/etc/kubernetes/pki/sa.pub', 'pki', '/etc/kubernetes/pki'],
  ["into a directory of the user's, beside keys", '/var/lib/kubelet/config.yaml', '.', '/var/lib/kubelet'],
  [
    "beside a kubelet's keys of a former cluster",
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
    'serving',
    '/var/lib/kubelet/pki',
  ],
])('a file is written %s', async (_, path, hostPath, containerPath) => {
  expect(await fitted(path, hostPath, containerPath)).toEqual([file(path)]);
});

test.each([
  ['/etc/kubernetes/pki/ca.key', 'pki', '/etc/kubernetes/pki'],
  ['/etc/kubernetes/pki/ca.key', 'pki/ca.key', '/etc/kubernetes/pki/ca.key/'],
  ['/var/lib/kubelet/pki/kubelet.key', 'serving', '/var/lib/kubelet/pki/'],
])('%s that the user has in %s, mounted at %s, stays', async (path, hostPath, containerPath) => {
  expect(await fitted(path, hostPath, containerPath, true)).toEqual([]);
});

test('a key that is not the cluster’s is refused, and half a pair', async () => {
  await expect(fitted('/etc/kubernetes/pki/sa.key', 'pki', '/etc/kubernetes/pki')).rejects.toThrow(
    /pki\/sa\.key, which is mounted at \/etc\/kubernetes\/pki\/sa\.key, is not what the cluster has there/,
  );
  await expect(fitted('/etc/hosts', 'half', '/var/lib/kubelet/pki')).rejects.toThrow(
    /half\/kubelet\.key is mounted at \S+ without its other half/,
  );
});

test.each([
  ['config.toml', '/etc/containerd/config.toml'],
  ['.', '/etc/containerd'],
])('the configuration of containerd is written over %s, which stays the same file', async (hostPath, containerPath) => {
  expect(await fitted('/etc/containerd/config.toml', hostPath, containerPath)).toEqual([
    file('/kind/kinpod/in-place/etc/containerd/config.toml'),
  ]);
});

test.each([
  [
    'at a file that must be kinpod’s',
    '/etc/cni/net.d/10-kindnet.conflist',
    '/etc/cni/net.d/10-kindnet.conflist/',
    false,
  ],
  ['that is read-only', '/etc/cni/net.d/10-kindnet.conflist', '/etc/cni/net.d', true],
  ['that is read-only, for patches', '/etc/containerd/config.toml', '/etc/containerd/config.toml', true],
])('a mount %s is refused', async (_, path, containerPath, readOnly) => {
  await expect(fitted(path, 'config.toml', containerPath, readOnly)).rejects.toThrow(
    `extraMounts: ${path} of a node is kinpod's to write, and ${dir}/config.toml is mounted ${readOnly ? 'read-only ' : ''}at `,
  );
});
