import { expect, test } from 'vitest';
import { checkHost } from './check-host.ts';
import { type HostRecord, record, recordedHost } from './testing/recorded-host.ts';

const UNIFIED = '/sys/fs/cgroup/unified/cgroup.controllers';

const statuses = async (change?: (record: HostRecord) => void, scope: 'run' | 'build' | 'all' = 'all') => {
  const report = await checkHost(recordedHost(record('sandbox-hybrid-root', change)), { scope });
  return { ok: report.ok, found: Object.fromEntries(report.results.map((r) => [r.id, r.status])) };
};

test('a fresh sandbox has one error: hugetlb on the v2 side', async () => {
  const { ok, found } = await statuses();
  expect(ok).toBe(false);
  expect(found).toEqual({
    podman: 'ok',
    'oci-runtime': 'ok',
    'network-stack': 'ok',
    iptables: 'ok',
    cgroups: 'error',
    ulimits: 'warning',
    'cap-sys-resource': 'warning',
    inotify: 'warning',
    'kernel-modules': 'ok',
    'storage-driver': 'ok',
    'disk-space': 'ok',
    memory: 'ok',
    kubectl: 'ok',
    go: 'ok',
    mmdebstrap: 'ok',
    'c-compiler': 'ok',
    'build-space': 'ok',
  });
});

test('the trial container is started when nothing else is wrong', async () => {
  const { ok, found } = await statuses((r) => {
    r.files[UNIFIED] = '';
  });
  expect(ok).toBe(true);
  expect(found['trial-container']).toBe('ok');
});

test('warnings leave the report ok, errors do not', async () => {
  const { ok, found } = await statuses((r) => {
    r.files[UNIFIED] = '';
    delete r.programs.go;
  });
  expect(found.go).toBe('error');
  expect(found['trial-container']).toBe('ok');
  expect(ok).toBe(false);
});

test('a scope leaves the other checks out', async () => {
  expect(Object.keys((await statuses(undefined, 'build')).found)).toEqual([
    'go',
    'mmdebstrap',
    'c-compiler',
    'build-space',
  ]);
  expect(Object.keys((await statuses(undefined, 'run')).found)).not.toContain('go');
});

test('without podman only what does not need it is looked at', async () => {
  const { found } = await statuses((r) => {
    delete r.programs.podman;
    r.commands = {};
    r.programs = {};
  });
  expect(found).toMatchObject({ podman: 'error', inotify: 'warning', go: 'error', mmdebstrap: 'error' });
  for (const id of ['oci-runtime', 'network-stack', 'iptables', 'trial-container'])
    expect(found).not.toHaveProperty(id);
});

test('where the engine has a machine of its own, only the engine and the build tools are asked', async () => {
  const { found } = await statuses((r) => {
    r.platform = 'darwin';
    r.uid = 501;
  });
  expect(Object.keys(found)).toEqual(['podman', 'kubectl', 'go']);
});

test('an abort ends it', async () => {
  const host = recordedHost(record('sandbox-hybrid-root'));
  await expect(checkHost(host, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
