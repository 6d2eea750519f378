import { expect, test } from 'vitest';
import { type ContainerFacts, lacking } from './preflight.ts';

const FIT: ContainerFacts = {
  ...{ missing: [], devices: true, userNamespace: false, nestingFailed: undefined, volume: 'other', writable: true },
};
const todo = (facts: Partial<ContainerFacts>) => lacking({ ...FIT, ...facts }).map((one) => one.todo);

test('a privileged container with a volume lacks nothing', () => {
  expect(lacking(FIT)).toEqual([]);
  expect(lacking({ ...FIT, volume: 'tmpfs' })).toEqual([]);
});

test('each thing that is missing is told with what to do, all at once', () => {
  expect(
    todo({ missing: ['CAP_SYS_ADMIN'], devices: false, nestingFailed: 'unshare failed', volume: 'overlay' }),
  ).toEqual([expect.stringContaining('--privileged'), expect.stringContaining('--volume kinpod:/var/lib/containers')]);
});

test('capabilities alone are not enough, and neither is a volume of another user', () => {
  expect(todo({ devices: false })).toEqual([expect.stringContaining('--privileged')]);
  expect(todo({ writable: false })).toEqual([expect.stringContaining(':U')]);
});

test('what a user namespace cannot do is told as such', () => {
  const mount = 'mount: /sys/fs/cgroup/cpu: permission denied.';
  expect(todo({ nestingFailed: mount, userNamespace: true })).toEqual([expect.stringContaining('cgroup v2')]);
  expect(todo({ nestingFailed: mount })).toEqual([expect.stringContaining('--cgroupns=private')]);
});
