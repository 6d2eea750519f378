import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BuildAssets } from './assets.ts';
import { debianTrees, mmdebstrapArgs, packagesOf, parsePackageList } from './debian.ts';
import { BUILD_RUNTIMES } from './node-runtime.ts';

const { containerd, 'cri-o': crio } = BUILD_RUNTIMES;
const assets = new BuildAssets(fileURLToPath(new URL('../../..', import.meta.url)));

test('a package list has one name a line, and comments', () => {
  expect(parsePackageList('# Services.\nsystemd\n\ndbus # on demand\n')).toEqual(['systemd', 'dbus']);
});

test('every tree has a list with packages, none twice', async () => {
  for (const runtime of [containerd, crio]) {
    for (const tree of debianTrees(runtime)) {
      const packages = await packagesOf(tree, assets, runtime);
      expect(packages.length).toBeGreaterThan(0);
      expect(new Set(packages).size).toBe(packages.length);
    }
  }
});

test('a node has what kind, kubelet and kubeadm call', async () => {
  const [node] = debianTrees(containerd);
  const packages = node ? await packagesOf(node, assets, containerd) : [];
  const called = ['systemd', 'bash', 'iptables', 'nftables', 'conntrack', 'ethtool', 'socat', 'jq', 'tar'];
  expect(packages).toEqual(expect.arrayContaining(called));
});

test('nodes with CRI-O have what it calls', async () => {
  const [node] = debianTrees(crio);
  expect(node && (await packagesOf(node, assets, crio))).toEqual(expect.arrayContaining(['crun', 'conmon', 'skopeo']));
});

test('nodes have no runc of Debian, and C libraries are got to compile a newer one', async () => {
  for (const runtime of [containerd, crio]) {
    const trees = debianTrees(runtime);
    const [node] = trees;
    expect(node && (await packagesOf(node, assets, runtime))).not.toContain('runc');
    expect(trees.map(({ name }) => name)).toContain('c-library');
  }
});

test('mmdebstrap gets packages, what to leave out, and the trimming script for the system that boots only', () => {
  const [node, proxy] = debianTrees(containerd).map((tree) => mmdebstrapArgs(tree, ['a', 'b'], '/tmp/trim.sh'));
  expect(node).toEqual(expect.arrayContaining(['--include=a,b', '--customize-hook=/tmp/trim.sh', 'bookworm']));
  expect(node).toContain('--dpkgopt=path-exclude=/usr/share/man/*');
  expect(proxy?.some((arg) => arg.startsWith('--customize-hook'))).toBe(false);
});
