import { expect, test } from 'vitest';
import { missingInBase } from './base-image.ts';
import { BUILD_RUNTIMES } from './node-runtime.ts';

const debian = [
  './usr/lib/systemd/systemd',
  './usr/bin/bash',
  './usr/bin/mount',
  './usr/sbin/ip',
  './usr/sbin/iptables',
  './usr/bin/curl',
  './usr/bin/tar',
  './opt/cni/bin/ptp',
  './etc/ssl/certs/ca-certificates.crt',
];

test('a root file system of Debian packages can be a base, however a tar names its members', () => {
  expect(missingInBase(debian, BUILD_RUNTIMES.containerd)).toEqual([]);
  expect(
    missingInBase(
      debian.map((path) => path.slice(2)),
      BUILD_RUNTIMES.containerd,
    ),
  ).toEqual([]);
});

test('what is missing is named by what it is for', () => {
  expect(
    missingInBase(
      debian.filter((path) => !/curl|ptp/.test(path)),
      BUILD_RUNTIMES.containerd,
    ),
  ).toEqual(['curl', 'CNI plugins (ptp, in /opt/cni/bin)']);
});

test('a base for nodes with CRI-O needs what CRI-O calls', () => {
  expect(missingInBase(debian, BUILD_RUNTIMES['cri-o'])).toEqual(['crun', 'conmon', 'skopeo', 'jq']);
});
