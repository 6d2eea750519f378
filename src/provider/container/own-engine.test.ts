import { expect, test } from 'vitest';
import { type ContainerFacts, lacking, mistakenMount } from './own-engine.ts';

const FIT: ContainerFacts = {
  ...{ missing: [], devices: true, userNamespace: false, nestingFailed: undefined, volume: 'other', writable: true },
  noSocket: undefined,
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

test('without privileges the engine of the machine is offered; where one was meant, why it is not used comes first', () => {
  expect(todo({ devices: false })[0]).toContain('--volume /run/podman/podman.sock:/run/podman/podman.sock');
  const meant = lacking({ ...FIT, devices: false, noSocket: 'nothing listens there' });
  expect(meant.map((one) => one.problem)).toEqual([
    'the engine of its machine cannot be used: nothing listens there',
    expect.stringContaining('the devices of the machine'),
  ]);
  expect(meant[1]?.todo).not.toContain('--volume');
});

test('a directory where a socket was to be mounted is told', () => {
  expect(mistakenMount([undefined, 'socket'])).toBeUndefined();
  expect(mistakenMount([undefined, 'directory'])).toContain('/var/run/docker.sock is no socket');
});
