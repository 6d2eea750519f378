import { expect, test } from 'vitest';
import { realHost } from './host.ts';
import { cheapFacts } from './host-facts.ts';
import { type HostRecord, record, recordedHost } from './testing/recorded-host.ts';

const facts = (change?: (record: HostRecord) => void) =>
  cheapFacts(recordedHost(record('sandbox-hybrid-root', change)));

const CGROUP2 = { type: 0x63677270, freeBytes: 0, totalBytes: 0 };

test('tells a sandbox with hybrid cgroups and without CAP_SYS_RESOURCE', async () => {
  expect(await facts()).toEqual({
    cgroup: 'hybrid',
    hugetlbNeedsMount: true,
    capSysResource: false,
    boundSysResource: false,
    devices: ['/dev/kmsg', '/dev/fuse'],
    oomScoreAdj: 0,
    nofileHard: 20_000,
    nprocHard: 32_768,
    modulesDir: false,
    inUserNamespace: false,
    inotifyInstances: 128,
    inotifyWatches: 192_536,
    uid: 0,
    swap: false,
  });
});

test('a hybrid host whose v2 side has no controller needs no hugetlb mount', async () => {
  const found = await facts((r) => {
    r.files['/sys/fs/cgroup/unified/cgroup.controllers'] = '';
  });
  expect(found).toMatchObject({ cgroup: 'hybrid', hugetlbNeedsMount: false });
});

test('tells cgroup v1 without a v2 side', async () => {
  const found = await facts((r) => {
    delete r.statfs['/sys/fs/cgroup/unified'];
  });
  expect(found).toMatchObject({ cgroup: 'v1', hugetlbNeedsMount: false });
});

test('tells cgroup v2', async () => {
  const found = await facts((r) => {
    r.statfs['/sys/fs/cgroup'] = CGROUP2;
  });
  expect(found).toMatchObject({ cgroup: 'v2', hugetlbNeedsMount: false });
});

test('CAP_SYS_RESOURCE counts in the first user namespace only', async () => {
  const allCapabilities = (r: HostRecord) => {
    r.files['/proc/self/status'] = 'CapEff:\t000001ffffffffff\n';
  };
  expect(await facts(allCapabilities)).toMatchObject({ capSysResource: true, inUserNamespace: false });
  const nested = await facts((r) => {
    allCapabilities(r);
    r.files['/proc/self/uid_map'] = '         0       1000          1\n         1     100000      65536\n';
  });
  expect(nested).toMatchObject({ capSysResource: false, inUserNamespace: true });
});

test('processes are limited by kernel.pid_max too, where that is lower', async () => {
  const pidMax = (value: string) => (r: HostRecord) => {
    r.files['/proc/sys/kernel/pid_max'] = value;
  };
  expect(await facts(pidMax('4194304\n'))).toMatchObject({ nprocHard: 96_365 });
  expect(await facts(pidMax('32768\n'))).toMatchObject({ nprocHard: 32_768 });
});

test('tells swap and unlimited processes', async () => {
  const found = await facts((r) => {
    delete r.files['/proc/sys/kernel/pid_max'];
    r.files['/proc/swaps'] += '/dev/sda2 partition 1048572 0 -2\n';
    r.files['/proc/self/limits'] =
      'Max processes             unlimited            unlimited            processes \n' +
      'Max open files            1024                 524288               files     \n';
  });
  expect(found).toMatchObject({ swap: true, nprocHard: 'unlimited', nofileHard: 524_288 });
});

test('assumes an ordinary Linux where the engine has a virtual machine of its own', async () => {
  const found = await facts((r) => {
    r.platform = 'darwin';
    r.uid = 501;
  });
  expect(found).toMatchObject({ cgroup: 'v2', capSysResource: true, modulesDir: true, uid: 501 });
});

test('reads the real machine', async () => {
  const found = await cheapFacts(realHost());
  expect(found.nofileHard).toBeGreaterThan(0);
  expect(found.uid).toBe(process.geteuid?.() ?? 0);
});
