import type { Stats } from 'node:fs';
import { expect, test } from 'vitest';
import { kubernetesSource } from './source.ts';
import { detectSourceType } from './source-type.ts';

const is = (kind: 'file' | 'directory') =>
  ({ isFile: () => kind === 'file', isDirectory: () => kind === 'directory' }) as Stats;
const files: Record<string, Stats> = { 'k8s.tar.gz': is('file'), kubernetes: is('directory'), 'v1.36.3': is('file') };

test.each([
  ['https://dl.k8s.io/v1.36.3/kubernetes-server-linux-amd64.tar.gz', 'url'],
  ['HTTP://127.0.0.1:8080/x', 'url'],
  ['k8s.tar.gz', 'file'],
  ['kubernetes', 'source'],
  ['ci/latest', 'ci'],
  ['ci/latest-1.36', 'ci'],
  ['v1.34.4', 'release'],
  ['1.34.4', 'release'],
  ['v1.37.0-rc.1', 'release'],
  // What exists counts before what it reads like, as in kind.
  ['v1.36.3', 'file'],
])('%s is of type %s', (source, type) => {
  expect(detectSourceType(source, (path) => files[path])).toBe(type);
});

test.each(['kubernets', 'ftp://x/y', '1.36', ''])('"%s" is nothing that can be built from', (source) => {
  expect(() => detectSourceType(source, () => undefined)).toThrow(
    'is no URL, file, directory or version of Kubernetes',
  );
});

test.each([
  [{ source: 'one.two', type: 'release' }, 'one.two is not a valid kubernetes version'],
  [{ kubernetesVersion: '1.36' }, '"1.36" is not a release of Kubernetes'],
  [{ source: 'v1.36.3', kubernetesVersion: '1.35.4' }, 'the version comes from "v1.36.3": leave out --k8s-version'],
  [{ checksum: 'sha256:12' }, '"sha256:12" is not a checksum'],
  [{ source: 'v1.36.3', checksum: 'a'.repeat(64) }, '--checksum is for tarballs'],
  [{ type: 'url' }, 'the address of a release is missing'],
  [{ type: 'url', source: 'x' }, '"x" is not an address of the web'],
  [{ type: 'url', source: 'ftp://x/y' }, '"ftp://x/y" is not an address of the web'],
] as const)('%o is refused', (options, message) => {
  expect(() => kubernetesSource(options)).toThrow(message);
});
