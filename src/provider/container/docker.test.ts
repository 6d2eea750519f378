import { expect, test } from 'vitest';
import type { HostAllowances } from '../provider.ts';
import { allowancesOfDaemon } from './docker.ts';

/** A user of the group docker on an ordinary machine. */
const user: HostAllowances = {
  capSysResource: false,
  boundSysResource: true,
  inUserNamespace: false,
  uid: 1000,
  cgroup: 'v2',
  oomScoreAdj: 0,
  nofileHard: 1_048_576,
  nprocHard: 'unlimited',
  modulesDir: true,
  devices: [],
};
const SECCOMP = 'name=seccomp,profile=default';

test.each([
  [
    "a daemon of root's",
    { SecurityOptions: [SECCOMP, 'name=cgroupns'] },
    user,
    { capSysResource: true, allCapabilities: true, userNamespace: false, remapped: false },
  ],
  [
    'a rootless one',
    { SecurityOptions: [SECCOMP, 'name=rootless'] },
    user,
    { capSysResource: false, allCapabilities: true, userNamespace: true },
  ],
  [
    'a rootless one in a sandbox',
    { SecurityOptions: ['name=rootless'] },
    { ...user, boundSysResource: false },
    { allCapabilities: true },
  ],
  [
    'one that remaps users',
    { SecurityOptions: ['name=userns'] },
    user,
    { capSysResource: true, userNamespace: false, remapped: true },
  ],
  [
    'one in a sandbox without CAP_SYS_RESOURCE',
    { SecurityOptions: null },
    { ...user, boundSysResource: false },
    { capSysResource: false, allCapabilities: false },
  ],
  ['one with cgroup v1', { CgroupVersion: '1' }, { ...user, cgroup: 'hybrid' }, { cgroup: 'hybrid' }],
  ['one in a machine with cgroup v1, asked from one with v2', { CgroupVersion: '1' }, user, { cgroup: 'v1' }],
  [
    'one on ext4',
    { Driver: 'overlay2', DriverStatus: [['Backing Filesystem', 'extfs']] },
    user,
    { deviceMapper: false },
  ],
  ['one on xfs', { Driver: 'overlay2', DriverStatus: [['Backing Filesystem', 'xfs']] }, user, { deviceMapper: true }],
  ['one with btrfs', { Driver: 'btrfs' }, user, { deviceMapper: true }],
] as const)('nodes of %s', (_, info, host, expected) => {
  expect(allowancesOfDaemon(JSON.stringify(info), host)).toMatchObject(expected);
});
