import { describe, expect, test } from 'vitest';
import type { CheckResult } from '../check.ts';
import { checkHost } from '../check-host.ts';
import type { DockerInfo } from '../docker-state.ts';
import { type HostRecord, record, recordedHost } from '../testing/recorded-host.ts';

const SOCKET = '/var/run/docker.sock';

/** What `docker info` said on the recorded machine (Docker 20.10.24 of Debian 12). */
const INFO: DockerInfo = {
  ServerVersion: '20.10.24+dfsg1',
  Driver: 'overlay2',
  DriverStatus: [['Backing Filesystem', 'extfs']],
  CgroupDriver: 'cgroupfs',
  CgroupVersion: '1',
  SecurityOptions: ['name=seccomp,profile=default'],
  DockerRootDir: '/var/lib/docker',
  DefaultRuntime: 'runc',
  MemoryLimit: true,
  PidsLimit: true,
  CPUShares: true,
};

/** A machine with Docker, where `docker info` says something else. */
const withDocker = (info: Partial<DockerInfo> = {}, change: (r: HostRecord) => void = () => {}) =>
  record('sandbox-hybrid-root', (r) => {
    r.programs.docker = '/usr/bin/docker';
    r.sockets = { [SOCKET]: { server: 'Docker/20.10.24', apiVersion: '1.41' } };
    r.commands['docker info --format {{json .}}'] = answer({ ...INFO, ...info });
    r.commands['docker network inspect kind'] = { exitCode: 1, stdout: '[]', stderr: 'Error: No such network: kind' };
    change(r);
  });
const answer = (value: unknown) => ({ exitCode: 0, stdout: JSON.stringify(value), stderr: '' });

const results = async (facts: HostRecord, provider?: string) => {
  const report = await checkHost(recordedHost(facts), { provider, scope: 'run' });
  return Object.fromEntries(report.results.map((result) => [result.id, result]));
};
const finding = async (id: string, info: Partial<DockerInfo>): Promise<CheckResult | undefined> =>
  (await results(withDocker(info)))[id];

test('where Docker answers, Docker is looked at and Podman is not', async () => {
  const found = await results(withDocker());
  expect(found.docker).toMatchObject({ status: 'ok', reason: 'docker 20.10.24, rootful' });
  expect(found['docker-storage']).toMatchObject({ status: 'ok', reason: 'overlay2 on extfs' });
  expect(found['docker-cgroups']).toMatchObject({ status: 'ok', reason: 'version 1, driver cgroupfs' });
  expect(found.cgroups?.status).not.toBe('error');
  expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['podman']));
});

test('where it does not, the reason stands beside the engine that is taken', async () => {
  const found = await results(withDocker({}, (r) => delete r.sockets));
  expect(found['engine-choice']).toMatchObject({
    status: 'ok',
    reason: `podman; docker is not taken: the daemon does not answer at unix://${SOCKET}: there is no such socket`,
  });
  expect(found.docker).toBeUndefined();
});

test('where there is no engine at all, Podman is what is to be installed, and why not Docker is said', async () => {
  const found = await results(
    withDocker({}, (r) => {
      r.sockets = { [SOCKET]: { failure: 'EACCES' } };
      delete r.programs.podman;
    }),
  );
  expect(found.podman?.reason).toMatch(/^podman is not installed, and docker cannot be used: this user may not use/);
});

describe('Docker that is asked for', () => {
  test('and is not installed is an error', async () => {
    const facts = withDocker({}, (r) => {
      delete r.programs.docker;
      r.commands['docker info --format {{json .}}'] = { exitCode: 127, stdout: '', stderr: 'not found' };
    });
    expect((await results(facts, 'docker')).docker).toMatchObject({
      status: 'error',
      reason: 'docker is not installed',
    });
  });

  test.each([
    ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock', 'systemctl enable --now docker'],
    ['permission denied while trying to connect to the Docker daemon socket', 'usermod -aG docker'],
  ])('and says "%s" is an error with what to do', async (complaint, fix) => {
    const facts = withDocker({}, (r) => {
      r.commands['docker info --format {{json .}}'] = answer({ ServerErrors: [complaint] });
    });
    const found = (await results(facts, 'docker')).docker;
    expect(found).toMatchObject({ status: 'error', reason: expect.stringContaining(complaint) });
    expect(found?.fix?.text).toContain(fix);
  });
});

test.each<[string, Partial<DockerInfo>, CheckResult['status'], string]>([
  ['docker', { ServerVersion: '19.03.15' }, 'error', 'docker 19.03.15 is too old'],
  ['docker', { SecurityOptions: ['name=rootless'], CgroupVersion: '2' }, 'ok', 'rootless'],
  ['docker', { SecurityOptions: ['name=userns'] }, 'ok', 'remapped users'],
  ['docker-cgroups', { SecurityOptions: ['name=rootless'] }, 'error', 'need cgroup v2'],
  [
    'docker-cgroups',
    { SecurityOptions: ['name=rootless'], CgroupVersion: '2', PidsLimit: false },
    'error',
    'not all of cpu, memory and pids',
  ],
  ['docker-storage', { Driver: 'vfs' }, 'warning', 'copies the whole image'],
  ['docker-storage', { Driver: 'fuse-overlayfs' }, 'warning', 'slower'],
])('%s with %j is %s: %s', async (id, info, status, reason) => {
  expect(await finding(id, info)).toMatchObject({ status, reason: expect.stringContaining(reason) });
});

test.each([
  ["kinpod's network is fine", { Subnet: '10.153.0.0/16', IPRange: '10.153.0.0/17' }, 'ok'],
  ["kind's network is a warning", { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }, 'warning'],
])('%s', async (_, config, status) => {
  const facts = withDocker({}, (r) => {
    r.commands['docker network inspect kind'] = answer([{ IPAM: { Config: [config] } }]);
  });
  expect((await results(facts))['docker-network']?.status).toBe(status);
});
