import { expect, test } from 'vitest';
import { checkHost } from './check-host.ts';
import { fixHost } from './fix-host.ts';
import type { HostCommandResult } from './host.ts';
import { type HostRecord, type RecordedHost, record, recordedHost } from './testing/recorded-host.ts';

const ok: HostCommandResult = { exitCode: 0, stdout: '', stderr: '' };
const UNIFIED = '/sys/fs/cgroup/unified/cgroup.controllers';
const INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
const WATCHES = '/proc/sys/fs/inotify/max_user_watches';

/** A machine on which mending works as it does in the kernel and in apt. */
function machine(change?: (record: HostRecord) => void, refuse: RegExp = /^$/): RecordedHost {
  return recordedHost(record('sandbox-hybrid-root', change), (typed, r) => {
    if (refuse.test(typed)) return { exitCode: 32, stdout: '', stderr: 'mount: permission denied.\n' };
    const line = typed.replace(/^sudo /, '');
    if (line === 'sysctl -w fs.inotify.max_user_instances=512') r.files[INSTANCES] = '512\n';
    if (line === 'sysctl -w fs.inotify.max_user_watches=524288') r.files[WATCHES] = '524288\n';
    if (line.startsWith('mount ')) r.files[UNIFIED] = '';
    if (line.includes('apt-get') && line.includes(' podman ')) r.programs.podman = '/usr/bin/podman';
    if (line.includes('apt-get') && line.includes(' mmdebstrap ')) r.programs.mmdebstrap = '/usr/bin/mmdebstrap';
    return typed in r.commands || line in r.commands ? undefined : ok;
  });
}

const attemptsOn = async (host: RecordedHost) => {
  const report = await fixHost(await checkHost(host), host);
  return { report, outcomes: Object.fromEntries(report.attempts.map((a) => [a.id, a.outcome])) };
};

test('mends what has commands and checks again', async () => {
  const host = machine();
  const { report, outcomes } = await attemptsOn(host);
  expect(outcomes).toEqual({ cgroups: 'fixed', inotify: 'fixed' });
  expect(report.ok).toBe(true);
  expect(report.facts).toMatchObject({ hugetlbNeedsMount: false, inotifyInstances: 512 });
  expect(host.ran).toContain('tee /etc/sysctl.d/99-kinpod-inotify.conf');
});

test('cgroup v1 itself stays a warning, and was not tried twice', async () => {
  const host = machine();
  const { report } = await attemptsOn(host);
  expect(report.results.find((r) => r.id === 'cgroups')?.status).toBe('warning');
  expect(host.ran.filter((line) => line.startsWith('mount '))).toHaveLength(1);
});

test('what shows only after the first fixes is mended too, and a shared command runs once', async () => {
  const host = machine((r) => {
    delete r.programs.podman;
    delete r.programs.mmdebstrap;
  });
  const { outcomes } = await attemptsOn(host);
  expect(outcomes).toEqual({ podman: 'fixed', mmdebstrap: 'fixed', cgroups: 'fixed', inotify: 'fixed' });
  expect(host.ran.filter((line) => line.endsWith(' update'))).toHaveLength(1);
});

test('packages are installed although one of the sources does not answer', async () => {
  const host = machine((r) => {
    delete r.programs.mmdebstrap;
  }, / update$/);
  expect((await attemptsOn(host)).outcomes.mmdebstrap).toBe('fixed');
});

test('a fix that fails says which command and why, and the others are tried', async () => {
  const host = machine(undefined, /^mount /);
  const { report, outcomes } = await attemptsOn(host);
  expect(outcomes).toEqual({ cgroups: 'failed', inotify: 'fixed' });
  expect(report.ok).toBe(false);
  expect(report.attempts.find((a) => a.id === 'cgroups')?.reason).toBe(
    'mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb: mount: permission denied.',
  );
});

test('nothing runs that the user declines', async () => {
  const host = machine();
  const before = await checkHost(host);
  const ran = host.ran.length;
  const report = await fixHost(before, host, { confirm: async () => false });
  expect(report.attempts.map((a) => a.outcome)).toEqual(['declined', 'declined']);
  expect(host.ran).toHaveLength(ran);
});

test('an ordinary user goes through sudo, which asks once and first', async () => {
  const host = machine((r) => {
    r.uid = 1000;
    r.userName = 'u';
    r.commands['sudo -n true'] = { exitCode: 1, stdout: '', stderr: 'sudo: a password is required' };
    r.programs.newuidmap = '/usr/bin/newuidmap';
    r.programs.newgidmap = '/usr/bin/newgidmap';
    r.files['/etc/subuid'] = 'u:100000:65536\n';
    r.files['/etc/subgid'] = 'u:100000:65536\n';
  });
  const { outcomes } = await attemptsOn(host);
  expect(outcomes.inotify).toBe('fixed');
  expect(host.ran).toContain('sudo sysctl -w fs.inotify.max_user_instances=512');
  expect(host.ran.filter((line) => line === 'sudo -v')).toHaveLength(1);
});
