import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BuildAssets } from './assets.ts';
import { DEBIAN_TREES, mmdebstrapArgs, packagesOf, parsePackageList } from './debian.ts';

const assets = new BuildAssets(fileURLToPath(new URL('../../..', import.meta.url)));

test('a package list has one name a line, and comments', () => {
  expect(parsePackageList('# Services.\nsystemd\n\ndbus # on demand\n')).toEqual(['systemd', 'dbus']);
});

test('every tree has a list with packages, none twice', async () => {
  for (const tree of DEBIAN_TREES) {
    const packages = await packagesOf(tree, assets);
    expect(packages.length).toBeGreaterThan(0);
    expect(new Set(packages).size).toBe(packages.length);
  }
});

test('a node has what kind, kubelet and kubeadm call', async () => {
  const [node] = DEBIAN_TREES;
  const packages = node ? await packagesOf(node, assets) : [];
  const called = ['systemd', 'bash', 'iptables', 'nftables', 'conntrack', 'ethtool', 'socat', 'runc', 'jq', 'tar'];
  expect(packages).toEqual(expect.arrayContaining(called));
});

test('mmdebstrap gets packages, what to leave out, and the trimming script for the system that boots only', () => {
  const [node, proxy] = DEBIAN_TREES.map((tree) => mmdebstrapArgs(tree, ['a', 'b'], '/tmp/trim.sh'));
  expect(node).toEqual(expect.arrayContaining(['--include=a,b', '--customize-hook=/tmp/trim.sh', 'bookworm']));
  expect(node).toContain('--dpkgopt=path-exclude=/usr/share/man/*');
  expect(proxy?.some((arg) => arg.startsWith('--customize-hook'))).toBe(false);
});
