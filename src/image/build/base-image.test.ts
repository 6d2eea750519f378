import { expect, test } from 'vitest';
import { missingInBase } from './base-image.ts';

const debian = [
  './usr/lib/systemd/systemd',
  './usr/bin/bash',
  './usr/bin/mount',
  './usr/sbin/ip',
  './usr/sbin/iptables',
  './usr/sbin/runc',
  './usr/bin/curl',
  './usr/bin/tar',
  './opt/cni/bin/ptp',
  './etc/ssl/certs/ca-certificates.crt',
];

test('a root file system of Debian packages can be a base, however a tar names its members', () => {
  expect(missingInBase(debian)).toEqual([]);
  expect(missingInBase(debian.map((path) => path.slice(2)))).toEqual([]);
});

test('what is missing is named by what it is for', () => {
  expect(missingInBase(debian.filter((path) => !/runc|ptp/.test(path)))).toEqual([
    'runc or crun',
    'CNI plugins (ptp, in /opt/cni/bin)',
  ]);
});
