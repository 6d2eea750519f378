import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { realHost } from '../check/index.ts';
import { loadClusterConfig } from '../config/load.ts';
import { hostWarnings, mountWarnings, propagationProblem, unreadMounts } from './host-warnings.ts';

const MOUNTS = [
  '24 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '25 24 0:21 / /run rw shared:5 - tmpfs tmpfs rw',
  '26 24 0:22 / /mnt/follows rw master:6 - tmpfs tmpfs rw',
  '27 24 0:23 / /mnt/with\\040space rw shared:7 - tmpfs tmpfs rw',
].join('\n');

const mount = (hostPath: string, propagation: 'HostToContainer' | 'Bidirectional') => ({
  ...{ hostPath, propagation, containerPath: '/x', readOnly: false, selinuxRelabel: false },
});

describe('mounts propagate', () => {
  test.each([
    ['/run', 'Bidirectional'],
    ['/run/below', 'HostToContainer'],
    ['/mnt/follows/x', 'HostToContainer'],
    ['/mnt/with space/x', 'Bidirectional'],
  ] as const)('of %s: %s', (path, propagation) => {
    expect(propagationProblem(mount(path, propagation), MOUNTS)).toBeUndefined();
  });

  test.each([
    ['/srv', 'HostToContainer', 'mount --make-rshared /)'],
    ['/running', 'Bidirectional', 'mount --make-rshared /)'],
    ['/mnt/follows/x', 'Bidirectional', 'mount --make-rshared /mnt/follows)'],
  ] as const)('not of %s: %s, and it is told what to do', (path, propagation, words) => {
    expect(propagationProblem(mount(path, propagation), MOUNTS)).toContain(words);
  });

  test('what cannot be read is no problem', () => {
    expect(propagationProblem(mount('/srv', 'Bidirectional'), '')).toBeUndefined();
  });
});

test('paths are another machine’s where the engine is outside of this container', () => {
  const text =
    'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane, extraMounts: [{hostPath: /srv, containerPath: /x}]}]\n';
  const { config } = loadClusterConfig({ text, path: 'x.yaml' });
  expect(mountWarnings(config, { outside: 'elsewhere' })).toEqual([expect.stringContaining('mount /srv: ')]);
  expect(mountWarnings(config, { outside: undefined })).toEqual([]);
});

describe('kube-proxy in mode ipvs', () => {
  const load = (mode: string) => {
    const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: {kubeProxyMode: ${mode}}\n`;
    return loadClusterConfig({ text, path: 'x.yaml' }).config;
  };
  const host = (files: Record<string, string>) => ({
    ...realHost(),
    platform: 'linux' as const,
    readFile: async (path: string) => ({ '/proc/sys/kernel/osrelease': '6.1\n', ...files })[path],
    exists: async (path: string) => path in files,
  });

  test('needs a kernel with IPVS', async () => {
    expect(await hostWarnings(load('ipvs'), host({}))).toEqual([expect.stringContaining('no IPVS')]);
    expect(await hostWarnings(load('iptables'), host({}))).toEqual([]);
  });

  test.each([
    { '/proc/net/ip_vs': '' },
    { '/lib/modules/6.1/modules.builtin': 'kernel/net/netfilter/ipvs/ip_vs.ko\n' },
    { '/lib/modules/6.1/modules.dep': 'kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz\n' },
  ])('has it with %j', async (files) => {
    expect(await hostWarnings(load('ipvs'), host(files as Record<string, string>))).toEqual([]);
  });
});

test("a network plugin that is mounted for kind's step is not applied, and that is said", async () => {
  const hostPath = await mkdtemp(join(tmpdir(), 'manifests-'));
  const nodes = ['control-plane', 'worker'].map((role) => ({
    role,
    extraMounts: [{ hostPath, containerPath: '/kind/manifests' }],
  }));
  const warnings = (networking: object) =>
    unreadMounts(
      loadClusterConfig({
        path: 'test.yaml',
        text: JSON.stringify({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes, networking }),
      }).config,
    );
  try {
    await writeFile(join(hostPath, 'default-storage.yaml'), '');
    expect(warnings({})).toEqual([]);
    await writeFile(join(hostPath, 'default-cni.yaml'), '');
    expect(warnings({})).toEqual([expect.stringContaining(`mount ${hostPath}/default-cni.yaml: `)]);
    expect(warnings({ disableDefaultCNI: true })).toEqual([]);
  } finally {
    await rm(hostPath, { recursive: true });
  }
});
