import { expect, test } from 'vitest';
import type { CheckResult } from '../check.ts';
import { checkHost } from '../check-host.ts';
import { type HostRecord, record, recordedHost } from '../testing/recorded-host.ts';

/** What is not fine on a machine of a distribution, by the check's ID. */
async function complaints(name: string, change?: (record: HostRecord) => void): Promise<Record<string, CheckResult>> {
  const host = recordedHost(record(name, change), (line) =>
    line.startsWith('podman run ') ? { exitCode: 0, stdout: '', stderr: '' } : undefined,
  );
  const { results } = await checkHost(host, { scope: 'run', provider: 'podman' });
  return Object.fromEntries(results.filter((r) => r.status !== 'ok').map((r) => [r.id, r]));
}

const summary = (found: Record<string, CheckResult>) =>
  Object.fromEntries(Object.values(found).map((r) => [r.id, r.status]));

const MACHINES = [
  'sandbox-hybrid-root',
  'rootless-v2',
  'debian-13-mended',
  'fedora-42',
  'ubuntu-24.04',
  'rhel-9',
  'wsl2-ubuntu',
];

test('a Debian 13 that kinpod has mended is fine', async () => {
  expect(await complaints('debian-13-mended')).toEqual({});
});

test('every record says which machine it is of, and whether it was recorded or made', () => {
  for (const name of MACHINES) {
    expect(record(name).source).toMatch(/^(Recorded|Made from documentation)/);
  }
});

test('Fedora 42 runs rootless clusters, with warnings', async () => {
  const found = await complaints('fedora-42');
  expect(summary(found)).toEqual({
    iptables: 'warning',
    'cgroup-delegation': 'warning',
    'user-session': 'warning',
    inotify: 'warning',
  });
  expect(found.iptables?.fix?.text).toBe('sudo dnf install -y iptables-nft');
});

test('Ubuntu 24.04 lets its own podman have user namespaces, and no other', async () => {
  expect(await complaints('ubuntu-24.04')).not.toHaveProperty('user-namespaces');
  const ownBuild = await complaints('ubuntu-24.04', (r) => {
    r.programs.podman = '/usr/local/bin/podman';
  });
  expect(ownBuild['user-namespaces']).toMatchObject({
    status: 'error',
    reason: expect.stringContaining('for /usr/bin/podman, not for /usr/local/bin/podman'),
  });
  const withoutProfile = await complaints('ubuntu-24.04', (r) => {
    r.existing = r.existing.filter((path) => path !== '/etc/apparmor.d/podman');
  });
  expect(withoutProfile['user-namespaces']?.fix?.text).toContain('apparmor_restrict_unprivileged_userns=0');
});

test('RHEL 9 needs subordinate IDs for a service account, a controller more, and modules', async () => {
  const found = await complaints('rhel-9');
  expect(summary(found)).toEqual({
    'subordinate-ids': 'error',
    'rootless-modules': 'warning',
    'cgroup-delegation': 'error',
    'user-session': 'warning',
    inotify: 'warning',
  });
  expect(found['subordinate-ids']?.fix?.text).toContain('sudo usermod --add-subuids 165536-231071');
  expect(found['rootless-modules']?.fix?.text).toContain('sudo modprobe -a nf_tables');
  expect(found['cgroup-delegation']?.reason).toContain('cpu, cpuset, io');
});

test.each([
  ['4.18.0-553.el8.x86_64', 'warning'],
  ['5.14.0-503.el9.x86_64', undefined],
])('of a kernel %s, what it lacks for layers in user namespaces is told: %s', async (release, status) => {
  const found = await complaints('rhel-9', (r) => {
    r.files['/proc/sys/kernel/osrelease'] = `${release}\n`;
  });
  expect(found['kernel-modules']?.status).toBe(status);
});

test('WSL 2 is set up from Windows', async () => {
  const found = await complaints('wsl2-ubuntu');
  expect(summary(found)).toMatchObject({ cgroups: 'error', 'user-session': 'warning' });
  expect(found.cgroups?.fix).toMatchObject({ commands: [], text: expect.stringContaining('.wslconfig') });
  expect(found['user-session']?.fix?.text).toContain('/etc/wsl.conf');
});
