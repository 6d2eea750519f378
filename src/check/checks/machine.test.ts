import { describe, expect, test } from 'vitest';
import { changeInfo, findingOf } from '../testing/finding.ts';
import type { HostRecord } from '../testing/recorded-host.ts';

const finding = (id: string, change?: (record: HostRecord) => void) => findingOf('sandbox-hybrid-root', id, change);

const UNIFIED = '/sys/fs/cgroup/unified/cgroup.controllers';
const GIB = 1024 ** 3;

describe('cgroups', () => {
  test('hugetlb on the v2 side is an error that two commands mend', async () => {
    const found = await finding('cgroups');
    expect(found?.status).toBe('error');
    expect(found?.reason).toContain('crun refuses');
    expect(found?.fix?.text).toBe(
      'mkdir -p /sys/fs/cgroup/hugetlb\nmount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb',
    );
  });

  test('other controllers on the v2 side are left alone', async () => {
    const found = await finding('cgroups', (r) => {
      r.files[UNIFIED] = 'memory hugetlb\n';
    });
    expect(found).toMatchObject({ status: 'error', fix: { commands: [] } });
  });

  test('runc does not mind controllers on the v2 side', async () => {
    const found = await finding('cgroups', (r) => {
      r.commands['/usr/bin/runc --version'] = { exitCode: 0, stdout: 'runc version 1.1.5', stderr: '' };
      changeInfo(r, ({ host }) => {
        if (host) host.ociRuntime = { name: 'runc', path: '/usr/bin/runc' };
      });
    });
    expect(found?.status).toBe('warning');
  });

  test('v1 is a warning that says what kinpod does', async () => {
    const found = await finding('cgroups', (r) => {
      r.files[UNIFIED] = '';
    });
    expect(found?.status).toBe('warning');
    expect(found?.reason).toContain('failCgroupV1: false');
  });

  test('v1 without a controller that kubelet needs is an error', async () => {
    const found = await finding('cgroups', (r) => {
      r.files[UNIFIED] = '';
      r.files['/proc/self/cgroup'] = '3:cpu,cpuacct:/\n2:memory:/\n1:name=systemd:/\n';
    });
    expect(found).toMatchObject({ status: 'error', reason: expect.stringContaining('without cpuset, pids') });
  });
});

describe('limits', () => {
  test('below the defaults of the engine are named with their numbers', async () => {
    const found = await finding('ulimits');
    expect(found?.status).toBe('warning');
    expect(found?.reason).toContain('nofile 20000, nproc 32768');
  });

  test('that root may raise are fine', async () => {
    const found = await finding('ulimits', (r) => {
      r.files['/proc/self/status'] = 'CapEff:\t000001ffffffffff\n';
    });
    expect(found?.status).toBe('ok');
  });
});

test('a missing CAP_SYS_RESOURCE is a warning that says what kinpod does', async () => {
  const found = await finding('cap-sys-resource');
  expect(found?.status).toBe('warning');
  expect(found?.reason).toContain('restrict_oom_score_adj');
});

describe('inotify', () => {
  test('low limits are raised now and for every boot', async () => {
    const found = await finding('inotify');
    expect(found?.status).toBe('warning');
    expect(found?.fix?.commands).toContainEqual({
      argv: ['tee', '/etc/sysctl.d/99-kinpod-inotify.conf'],
      asRoot: true,
      input: 'fs.inotify.max_user_instances = 512\nfs.inotify.max_user_watches = 524288\n',
    });
  });

  test('a limit that is higher already is not lowered', async () => {
    const found = await finding('inotify', (r) => {
      r.files['/proc/sys/fs/inotify/max_user_instances'] = '8192\n';
    });
    expect(found?.fix?.commands[0]?.argv).toEqual(['sysctl', '-w', 'fs.inotify.max_user_instances=8192']);
  });

  test('high limits are fine', async () => {
    const found = await finding('inotify', (r) => {
      r.files['/proc/sys/fs/inotify/max_user_instances'] = '8192\n';
      r.files['/proc/sys/fs/inotify/max_user_watches'] = '1048576\n';
    });
    expect(found).toMatchObject({ status: 'ok', reason: '8192 instances, 1048576 watches' });
  });
});

test('no modules and no overlay file system is an error', async () => {
  expect((await finding('kernel-modules'))?.status).toBe('ok');
  const found = await finding('kernel-modules', (r) => {
    r.files['/proc/filesystems'] = 'nodev\tproc\n\text4\n';
  });
  expect(found?.status).toBe('error');
});

test.each([
  [20 * GIB, 'ok'],
  [3 * GIB, 'warning'],
  [0.5 * GIB, 'error'],
])('%d bytes free where images lie is %s', async (freeBytes, status) => {
  const found = await finding('disk-space', (r) => {
    r.statfs['/var/lib/containers/storage'] = { type: 61267, freeBytes, totalBytes: 100 * GIB };
  });
  expect(found?.status).toBe(status);
  expect(found?.fix?.commands ?? []).toEqual([]);
});

test('the disk is looked at before podman has made its directory', async () => {
  const found = await finding('disk-space', (r) => {
    delete r.statfs['/var/lib/containers/storage'];
    r.statfs['/var'] = { type: 61267, freeBytes: 2 * GIB, totalBytes: 100 * GIB };
  });
  expect(found?.status).toBe('warning');
});

test('the memory limit of a container counts', async () => {
  const found = await finding('memory', (r) => {
    r.files['/sys/fs/cgroup/memory.max'] = `${GIB}\n`;
  });
  expect(found).toMatchObject({ status: 'warning', reason: expect.stringContaining('limited to 1.0 GiB') });
});
