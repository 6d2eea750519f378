import { describe, expect, test } from 'vitest';
import { checkHost } from '../check-host.ts';
import { changeInfo, findingOf } from '../testing/finding.ts';
import { type HostRecord, record, recordedHost } from '../testing/recorded-host.ts';

const finding = (id: string, change?: (record: HostRecord) => void) => findingOf('rootless-v2', id, change);

const DELEGATED = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers';

test('a fresh Debian 13 runs clusters, with warnings', async () => {
  const report = await checkHost(recordedHost(record('rootless-v2')), { scope: 'run' });
  expect(report.ok).toBe(true);
  expect(report.facts).toMatchObject({ cgroup: 'v2', uid: 1000, capSysResource: false, nofileHard: 524_288 });
  const notFine = report.results.filter((result) => result.status !== 'ok').map((result) => result.id);
  expect(notFine).toEqual(['rootless-modules', 'cgroup-delegation', 'user-session', 'inotify']);
  expect(report.results.map((result) => result.id)).toContain('trial-container');
});

test('commands that need root are pasted with sudo', async () => {
  const found = await finding('user-session');
  expect(found?.fix?.text).toBe('sudo loginctl enable-linger u');
});

describe('cgroups', () => {
  test('of version 1 are an error', async () => {
    const found = await finding('cgroups', (r) => {
      r.statfs['/sys/fs/cgroup'] = { type: 0x01021994, freeBytes: 0, totalBytes: 0 };
    });
    expect(found).toMatchObject({ status: 'error', reason: expect.stringContaining('need cgroup v2') });
  });

  test.each([
    ['cpu memory pids\n', 'warning', 'cpuset, io'],
    ['memory pids\n', 'error', 'cpu, cpuset, io'],
    ['cpuset cpu io memory hugetlb pids\n', 'ok', ''],
  ])('with %j delegated are %s', async (controllers, status, missing) => {
    const found = await finding('cgroup-delegation', (r) => {
      r.files[DELEGATED] = controllers;
    });
    expect(found?.status).toBe(status);
    expect(found?.reason).toContain(missing);
  });
});

describe('subordinate IDs', () => {
  test('missing ones are added behind those of others', async () => {
    const found = await finding('subordinate-ids', (r) => {
      r.files['/etc/subuid'] = 'other:100000:65536\n';
      r.files['/etc/subgid'] = 'other:100000:65536\nu:165536:65536\n';
    });
    expect(found?.status).toBe('error');
    expect(found?.fix?.text).toBe('sudo usermod --add-subuids 231072-296607 u\npodman system migrate');
  });

  test('count by user ID too, and from several ranges', async () => {
    const found = await finding('subordinate-ids', (r) => {
      r.files['/etc/subuid'] = '1000:100000:32768\nu:200000:32768\n';
    });
    expect(found?.status).toBe('ok');
  });

  test('may come from a directory service', async () => {
    const found = await finding('subordinate-ids', (r) => {
      r.files = {
        ...r.files,
        '/etc/nsswitch.conf': 'passwd: files\nsubid: sss\n',
        '/etc/subuid': '',
        '/etc/subgid': '',
      };
    });
    expect(found).toMatchObject({ status: 'ok', reason: 'from sss' });
  });
});

test('missing newuidmap is an error that the package mends', async () => {
  const found = await finding('newuidmap', (r) => {
    delete r.programs.newuidmap;
  });
  expect(found?.reason).toContain('newuidmap not found');
  expect(found?.fix?.text).toContain('uidmap');
});

test('a newuidmap that has lost its rights is an error, and gets them back', async () => {
  const found = await finding('newuidmap', (r) => {
    r.commands['podman unshare true'] = {
      exitCode: 125,
      stdout: '',
      stderr:
        'newuidmap: write to uid_map failed: Operation not permitted\nError: cannot set up namespace using "/usr/bin/newuidmap": exit status 1\n',
    };
  });
  expect(found).toMatchObject({ status: 'error', reason: expect.stringContaining('may not map IDs') });
  expect(found?.fix?.text).toBe('sudo chmod u+s /usr/bin/newuidmap /usr/bin/newgidmap');
});

test.each([
  ['1024\n', 'those below 1024'],
  ['80\n', 'from 80 on'],
])('ports are told where the first that users may have is %j', async (start, reason) => {
  const found = await finding('low-ports', (r) => {
    r.files['/proc/sys/net/ipv4/ip_unprivileged_port_start'] = start;
  });
  expect(found).toMatchObject({ status: 'ok', reason: expect.stringContaining(reason) });
});

test('a podman that is not rootless for an ordinary user is a warning', async () => {
  const found = await finding('podman', (r) =>
    changeInfo(r, ({ host }) => {
      if (host) host.security = { rootless: false };
    }),
  );
  expect(found).toMatchObject({ status: 'warning', reason: expect.stringContaining('not rootless') });
});

test.each([
  ['/proc/sys/kernel/unprivileged_userns_clone', '0\n', 'kernel.unprivileged_userns_clone=1'],
  ['/proc/sys/user/max_user_namespaces', '0\n', 'user.max_user_namespaces=28633'],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1\n', 'kernel.apparmor_restrict_unprivileged_userns=0'],
])('user namespaces forbidden by %s are an error', async (path, value, fix) => {
  const found = await finding('user-namespaces', (r) => {
    r.files[path] = value;
  });
  expect(found?.status).toBe('error');
  expect(found?.fix?.text).toContain(`sudo sysctl -w ${fix}`);
});

test("Ubuntu's restriction is fine where podman has its profile", async () => {
  const found = await finding('user-namespaces', (r) => {
    r.files['/proc/sys/kernel/apparmor_restrict_unprivileged_userns'] = '1\n';
    r.existing.push('/etc/apparmor.d/podman');
  });
  expect(found?.status).toBe('ok');
});

describe('networking', () => {
  test('without /dev/net/tun is an error', async () => {
    const found = await finding('rootless-network', (r) => {
      r.existing = r.existing.filter((path) => path !== '/dev/net/tun');
    });
    expect(found?.fix?.text).toContain('modprobe tun');
  });

  test('without the program that this podman uses is an error, whatever else is there', async () => {
    const found = await finding('rootless-network', (r) => {
      delete r.programs.pasta;
      r.programs.slirp4netns = '/usr/bin/slirp4netns';
    });
    expect(found?.status).toBe('error');
    expect(found?.fix?.text).toContain('passt');
  });

  test('of Podman 4 goes by slirp4netns', async () => {
    const found = await finding('rootless-network', (r) => {
      r.programs.slirp4netns = '/usr/bin/slirp4netns';
      changeInfo(r, ({ host }) => {
        delete host?.rootlessNetworkCmd;
      });
    });
    expect(found).toMatchObject({ status: 'ok', reason: 'slirp4netns and /dev/net/tun' });
  });

  test('without a packet filter in the kernel is a warning', async () => {
    const complete = await finding('rootless-modules', (r) => {
      r.files['/proc/modules'] += 'ip6_tables 36864 0 - Live 0x0\n';
    });
    expect(complete).toMatchObject({ status: 'ok', reason: 'nf_tables, ip_tables' });
    expect(await finding('rootless-modules')).toMatchObject({
      status: 'warning',
      reason: expect.stringContaining('without ip6_tables'),
    });
    const found = await finding('rootless-modules', (r) => {
      r.files['/proc/modules'] = 'tun 69632 0 - Live 0x0\n';
      r.existing = r.existing.filter((path) => path !== '/proc/net/ip_tables_names');
    });
    expect(found).toMatchObject({ status: 'warning', fix: { text: expect.stringContaining('sudo modprobe -a') } });
  });
});

test.each([
  [
    'no D-Bus session',
    (r: HostRecord) => {
      r.existing = r.existing.filter((path) => !path.endsWith('/bus'));
    },
  ],
  [
    'manages cgroups by itself',
    (r: HostRecord) =>
      changeInfo(r, ({ host }) => {
        if (host) host.cgroupManager = 'cgroupfs';
      }),
  ],
])('a session with %s is a warning', async (reason, change) => {
  expect(await finding('user-session', change)).toMatchObject({
    status: 'warning',
    reason: expect.stringContaining(reason),
  });
});

test('fuse-overlayfs is a warning, and without /dev/fuse does not work', async () => {
  const fuse = (r: HostRecord) =>
    changeInfo(r, ({ store }) => {
      if (store) store.graphOptions = { 'overlay.mount_program': { Executable: '/usr/bin/fuse-overlayfs' } };
    });
  expect((await finding('storage-driver', fuse))?.reason).toContain('slower');
  const without = await finding('storage-driver', (r) => {
    fuse(r);
    r.existing = r.existing.filter((path) => path !== '/dev/fuse');
  });
  expect(without?.reason).toContain('/dev/fuse does not exist');
});
