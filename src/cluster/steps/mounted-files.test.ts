import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NodeFile } from '../../node/node-file.ts';
import { fitToMounts } from './mounted-files.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mounted-files-'));
  await mkdir(join(dir, 'pki'));
  await writeFile(join(dir, 'pki/ca.key'), 'mine');
  await writeFile(join(dir, 'config.toml'), 'mine');
});
afterAll(() => rm(dir, { recursive: true }));

const file = (path: string): NodeFile => ({ path, content: 'ours' });
const fitted = (path: string, hostPath: string, containerPath: string) =>
  fitToMounts(
    [file(path)],
    [{ hostPath: join(dir, hostPath), containerPath, readOnly: false, selinuxRelabel: false, propagation: 'None' }],
  );

test.each([
  ['where nothing is mounted', '/etc/hosts', 'pki', '/srv'],
  ["into a directory of the user's that has no such file", '/etc/kubernetes/pki/sa.key', 'pki', '/etc/kubernetes/pki'],
  ["into a directory of the user's, beside keys", '/var/lib/kubelet/config.yaml', '.', '/var/lib/kubelet'],
])('a file is written %s', (_, path, hostPath, containerPath) => {
  expect(fitted(path, hostPath, containerPath)).toEqual([file(path)]);
});

test.each(['/etc/kubernetes/pki', '/etc/kubernetes/pki/'])('a key that the user has at %s stays', (containerPath) => {
  expect(fitted('/etc/kubernetes/pki/ca.key', 'pki', containerPath)).toEqual([]);
});

test.each([
  ['config.toml', '/etc/containerd/config.toml'],
  ['.', '/etc/containerd'],
])('the configuration of containerd is written over %s, which stays the same file', (hostPath, containerPath) => {
  expect(fitted('/etc/containerd/config.toml', hostPath, containerPath)).toEqual([
    file('/kind/kinpod/in-place/etc/containerd/config.toml'),
  ]);
});

test("a mount at a file that must be kinpod's is refused", () => {
  expect(() =>
    fitted('/etc/cni/net.d/10-kindnet.conflist', 'config.toml', '/etc/cni/net.d/10-kindnet.conflist'),
  ).toThrow(
    /^extraMounts: \/etc\/cni\/net.d\/10-kindnet.conflist of a node is kinpod's to write, and \S+config.toml is mounted there$/,
  );
});
