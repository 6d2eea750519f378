import { expect, test } from 'vitest';
import { cheapFacts } from './host-facts.ts';
import { repairCheaply } from './repair.ts';
import { type HostRecord, record, recordedHost } from './testing/recorded-host.ts';

const MKDIR = 'mkdir -p /sys/fs/cgroup/hugetlb';
const MOUNT = 'mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb';
const ok = { exitCode: 0, stdout: '', stderr: '' };

/** A machine where mounting works as the kernel does it: the controller leaves the v2 side. */
function machine(change?: (record: HostRecord) => void) {
  return recordedHost(record('sandbox-hybrid-root', change), (line, r) => {
    if (line === MOUNT) r.files['/sys/fs/cgroup/unified/cgroup.controllers'] = '';
    return line === MOUNT || line === MKDIR ? ok : undefined;
  });
}

test('raises inotify instances and mounts hugetlb as root', async () => {
  const host = machine();
  const repair = await repairCheaply(await cheapFacts(host), host);
  expect(host.written).toEqual({ '/proc/sys/fs/inotify/max_user_instances': '512\n' });
  expect(host.ran).toEqual([MKDIR, MOUNT]);
  expect(repair.facts).toMatchObject({ inotifyInstances: 512, hugetlbNeedsMount: false });
  expect(repair.done).toEqual([
    'raised fs.inotify.max_user_instances from 128 to 512 until the next boot',
    'mounted the hugetlb cgroup on the v1 side, where crun needs it',
  ]);
  expect(repair.warnings).toEqual([]);
});

test('touches nothing where nothing is to be mended', async () => {
  const host = machine((r) => {
    r.files['/sys/fs/cgroup/unified/cgroup.controllers'] = '';
    r.files['/proc/sys/fs/inotify/max_user_instances'] = '8192\n';
  });
  const facts = await cheapFacts(host);
  expect(await repairCheaply(facts, host)).toEqual({ facts, done: [], warnings: [] });
  expect(host.ran).toEqual([]);
  expect(host.written).toEqual({});
});

test('touches nothing as an ordinary user', async () => {
  const host = machine((r) => {
    r.uid = 1000;
  });
  const repair = await repairCheaply(await cheapFacts(host), host);
  expect(repair).toMatchObject({ done: [], warnings: [] });
  expect(host.ran).toEqual([]);
});

test('a refused repair is a warning that says why', async () => {
  const host = recordedHost(record('sandbox-hybrid-root'), (line) =>
    line === MKDIR ? ok : { exitCode: 32, stdout: '', stderr: 'mount: permission denied.\n' },
  );
  host.writeFile = async () => {
    throw new Error('EROFS: read-only file system');
  };
  const repair = await repairCheaply(await cheapFacts(host), host);
  expect(repair.done).toEqual([]);
  expect(repair.warnings).toEqual([
    'could not raise fs.inotify.max_user_instances: EROFS: read-only file system',
    'could not mount the hugetlb cgroup that crun needs on the v1 side: mount: permission denied.',
  ]);
});

test('a mount that another process made first is no warning', async () => {
  const host = recordedHost(record('sandbox-hybrid-root'), (line, r) => {
    r.files['/sys/fs/cgroup/unified/cgroup.controllers'] = '';
    return line === MKDIR ? ok : { exitCode: 32, stdout: '', stderr: 'mount: already mounted or mount point busy.\n' };
  });
  const repair = await repairCheaply(await cheapFacts(host), host);
  expect(repair.warnings).toEqual([]);
  expect(repair.facts.hugetlbNeedsMount).toBe(false);
});
