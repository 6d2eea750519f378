import { expect, test } from 'vitest';
import type { HostAllowances } from '../provider.ts';
import { machineFacts } from './machine-facts.ts';

/** A container without privileges, and with the limits that it was given. */
const container: HostAllowances = {
  capSysResource: false,
  boundSysResource: false,
  inUserNamespace: false,
  uid: 1000,
  cgroup: 'v2',
  oomScoreAdj: 200,
  nofileHard: 20_000,
  nprocHard: 30_000,
  modulesDir: false,
  devices: [],
};
const print = (facts: Record<string, string>, devices: string[] = []) =>
  [...Object.entries(facts), ...devices.map((device) => ['device', device])].map((pair) => pair.join('=')).join('\n');

test('an ordinary machine allows its containers what this one may not', () => {
  const text = print(
    {
      cgroup: 'cgroup2fs',
      bounding: '000001ffffffffff',
      uid_map: '0 0 4294967295',
      oom_score_adj: '0',
      modules: 'yes',
    },
    ['/dev/kmsg', '/dev/fuse'],
  );
  expect(machineFacts(text, container)).toEqual({
    capSysResource: true,
    boundSysResource: true,
    inUserNamespace: false,
    uid: 0,
    cgroup: 'v2',
    oomScoreAdj: 0,
    nofileHard: 20_000,
    nprocHard: 30_000,
    modulesDir: true,
    devices: ['/dev/kmsg', '/dev/fuse'],
  });
});

test('a sandbox without CAP_SYS_RESOURCE on cgroup v1', () => {
  const text = print({
    ...{
      cgroup: 'tmpfs',
      bounding: '000001fffeffffff',
      uid_map: '0 0 4294967295',
      oom_score_adj: '100',
      modules: 'no',
    },
  });
  expect(machineFacts(text, { ...container, cgroup: 'hybrid' })).toMatchObject({
    ...{ capSysResource: false, boundSysResource: false, cgroup: 'hybrid', oomScoreAdj: 100, modulesDir: false },
  });
});

test('a rootless engine: root of a user namespace has no say over the machine', () => {
  const text = print({ cgroup: 'cgroup2fs', bounding: '000001ffffffffff', uid_map: '0 1000 1', oom_score_adj: '0' });
  expect(machineFacts(text, container)).toMatchObject({
    ...{ capSysResource: false, boundSysResource: true, inUserNamespace: true },
  });
});
