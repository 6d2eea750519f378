import { unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { KubernetesVersion } from '../kube/version.ts';
import { createClusterPki, issueClientCertificate, issueServerCertificate } from '../pki/cluster-pki.ts';
import { archiveOf } from './archive.ts';
import { BOOT_IDENTITY, bootFiles, kubeletServer } from './boot-files.ts';
import type { BootInput } from './boot-input.ts';
import { kubeadmConfig } from './kubeadm-config.ts';
import type { NodeFile } from './node-file.ts';
import { nodeObject } from './node-object.ts';
import type { NodePart } from './node-part.ts';
import { kubeadmInput } from './testing/kubeadm-input.ts';

const pki = await createClusterPki();
const bootIdentity = await issueClientCertificate(pki.kubernetes, BOOT_IDENTITY);
const server = await issueServerCertificate(pki.kubernetes, kubeletServer('kind-control-plane', ['10.89.128.1']));

function inputFor(networking = '', overrides: Partial<BootInput> = {}): BootInput {
  const kubeadm = kubeadmInput(`networking: {${networking}}`);
  return {
    ...kubeadm,
    podCidrs: ['10.244.0.0/24'],
    peers: [],
    apiServiceAddress: '10.96.0.1',
    part: 'first',
    members: [{ name: 'kind-control-plane', address: '10.89.128.1' }],
    firstDocuments: kubeadmConfig({ ...kubeadm, ...overrides }),
    networkAddresses: ['10.89.128.1', 'fc00::1'],
    firstAddresses: ['10.89.128.1', 'fc00::1'],
    loadBalancerAddresses: [],
    nodeObjects: [],
    kubeletIdentity: undefined,
    scripts: { all: {}, first: {}, further: {} },
    pki,
    bootIdentity,
    kubeletServer: server,
    componentServer: server,
    containerdConfig: undefined,
    ...overrides,
  };
}

const find = (files: NodeFile[], path: string) => files.find((f) => f.path === path);
const content = (files: NodeFile[], path: string) => {
  const file = find(files, path);
  if (!file || !('content' in file)) throw new Error(`no file ${path}`);
  return file.content;
};

test('every private key is readable for its owner only', () => {
  const keys = bootFiles(inputFor()).filter((f) => 'content' in f && f.content.includes('PRIVATE KEY'));
  expect(keys.length).toBeGreaterThanOrEqual(5);
  for (const key of keys) expect(key).toMatchObject({ mode: 0o600 });
});

test('units are started by the targets that they name', () => {
  const unit = '[Install]\nWantedBy=multi-user.target\nRequiredBy=kubelet.service\n';
  const files = bootFiles(
    inputFor('', { scripts: { all: { 'x.service': unit, 'x.sh': '#!/bin/sh\n' }, first: {}, further: {} } }),
  );
  expect(find(files, '/etc/systemd/system/multi-user.target.wants/x.service')).toMatchObject({
    linkTo: '/etc/systemd/system/x.service',
  });
  expect(find(files, '/etc/systemd/system/kubelet.service.requires/x.service')).toBeDefined();
  expect(find(files, '/kind/kinpod/x.sh')).toMatchObject({ mode: 0o755 });
});

test("what changes a unit of the image's is called by its name", () => {
  const dropIn = { 'kubelet.service.conf': '[Unit]\nAfter=containerd.service\n' };
  const files = bootFiles(inputFor('', { scripts: { all: dropIn, first: {}, further: {} } }));
  expect(find(files, '/etc/systemd/system/kubelet.service.d/50-kinpod.conf')).toBeDefined();
});

describe('the network', () => {
  test("pods get addresses of the node's own part of the pod subnet", () => {
    const conf = JSON.parse(content(bootFiles(inputFor()), '/etc/cni/net.d/10-kindnet.conflist'));
    expect(conf.plugins[0].ipam.ranges).toEqual([[{ subnet: '10.244.0.0/24' }]]);
  });

  test('of a cluster of both families is of both; pods of others are reached through the address of their family', () => {
    const files = bootFiles(
      inputFor('ipFamily: dual', {
        addresses: ['10.89.128.1', 'fc00::1'],
        podCidrs: ['10.244.0.0/24', 'fd00:10:244::/64'],
        peers: [{ podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'], addresses: ['10.89.128.2', 'fc00::2'] }],
      }),
    );
    const { ipam } = JSON.parse(content(files, '/etc/cni/net.d/10-kindnet.conflist')).plugins[0];
    expect(ipam.ranges).toEqual([[{ subnet: '10.244.0.0/24' }], [{ subnet: 'fd00:10:244::/64' }]]);
    expect(ipam.routes).toEqual([{ dst: '0.0.0.0/0' }, { dst: '::/0' }]);
    expect(content(files, '/kind/kinpod/peers')).toBe('10.244.1.0/24 10.89.128.2\nfd00:10:244:1::/64 fc00::2\n');
    const env = content(files, '/kind/kinpod/node.env');
    expect(env).toContain("MASQUERADE_SUBNETS='10.244.0.0/16 fd00:10:244::/56'");
    expect(env).toContain("REFUSED_SUBNETS='10.96.0.0/16 fd00:10:96::/112'");
  });

  test('tells the boot scripts to be patient on a slow machine only', () => {
    const env = (timeoutFactor?: number) =>
      content(bootFiles(inputFor('', { timeoutFactor })), '/kind/kinpod/node.env');
    expect(env()).toContain("PATIENCE='1'\nPAUSE=''\n");
    expect(env(2.5)).toContain("PATIENCE='3'\nPAUSE='1'\n");
  });

  test('of an IPv6 cluster leads to the API server by its IPv6 address', () => {
    const input = inputFor('ipFamily: ipv6', { addresses: ['fc00::1'], apiServiceAddress: 'fd00:10:96::1' });
    expect(content(bootFiles(input), '/kind/kinpod/node.env')).toContain("API_BACKEND='[fc00::1]:6443'");
  });

  test.each([
    ['kind: InitConfiguration\nskipPhases: [preflight, addon/kube-proxy]', 'coredns', ''],
    ['kind: ClusterConfiguration\ndns: {disabled: true}', 'kube-proxy', '10.89.128.1:6443'],
    ['kind: ClusterConfiguration\nproxy: {disabled: true}', 'coredns', ''],
    ['kind: InitConfiguration\nskipPhases: [addon]', '', ''],
    ['kind: InitConfiguration\nskipPhases: [upload-config/kubelet]', 'all', '10.89.128.1:6443'],
  ])('goes by what patches leave out: %s', (patch, addons, backend) => {
    const { cluster } = inputFor();
    const env = content(
      bootFiles(inputFor('', { cluster: { ...cluster, kubeadmConfigPatches: [patch] } })),
      '/kind/kinpod/node.env',
    );
    expect(env).toContain(`ADDON_PHASE='${addons}'\n`);
    expect(env).toContain(`API_BACKEND='${backend}'\n`);
    expect(env.includes("REFUSED_SUBNETS=''")).toBe(backend === '');
    if (patch.includes('upload-config/kubelet')) expect(env).toContain("UPLOAD_PHASE='kubeadm'");
  });

  test('disableDefaultCNI leaves the choice of a network to the user', () => {
    const files = bootFiles(inputFor('disableDefaultCNI: true'));
    expect(files.filter((f) => f.path.startsWith('/etc/cni'))).toEqual([]);
  });

  test('the early Service address is left out where no kube-proxy takes it over', () => {
    expect(content(bootFiles(inputFor()), '/kind/kinpod/node.env')).toContain("API_BACKEND='10.89.128.1:6443'");
    expect(content(bootFiles(inputFor('kubeProxyMode: none')), '/kind/kinpod/node.env')).toContain("API_BACKEND=''");
  });
});

test('the first control plane makes the Node of every node', () => {
  const nodeObjects = ['kind-control-plane', 'kind-worker'].map((name) =>
    nodeObject({ ...inputFor(), nodeName: name, machine: { cpus: 2, memoryBytes: 1e9 } }, []),
  );
  const files = bootFiles(inputFor('', { nodeObjects }));
  expect(JSON.parse(content(files, '/kind/kinpod/nodes/kind-worker.json'))).toEqual(nodeObjects[1]);
  expect(content(files, '/kind/kinpod/node.env')).toContain("NODE_NAMES='kind-control-plane kind-worker'");
});

test.each([
  ['v1.36.3', true],
  ['v1.28.0', false],
])('the administrators of Kubernetes %s are bound to their role: %s', (version, bound) => {
  const files = bootFiles(inputFor('', { version: new KubernetesVersion(version) }));
  expect(find(files, '/kind/kinpod/cluster-admins.json') !== undefined).toBe(bound);
});

describe('the parts of nodes', () => {
  const scripts = { all: { 'a.sh': '' }, first: { 'f.sh': '' }, further: { 'j.sh': '' } };
  const kubeletIdentity = bootIdentity;
  const of = (part: NodePart) => bootFiles(inputFor('', { part, scripts, kubeletIdentity }));
  const paths = (part: NodePart) => of(part).map((f) => f.path);

  test('each gets its own scripts', () => {
    const names = (part: NodePart) => paths(part).filter((p) => p.endsWith('.sh'));
    expect(names('first')).toEqual(['/kind/kinpod/a.sh', '/kind/kinpod/f.sh']);
    expect(names('member')).toEqual(['/kind/kinpod/a.sh', '/kind/kinpod/j.sh']);
    expect(names('worker')).toEqual(['/kind/kinpod/a.sh', '/kind/kinpod/j.sh']);
  });

  test('every control plane gets the authorities, a worker the identity of its kubelet and nothing else to sign with', () => {
    for (const part of ['first', 'member'] as const) expect(paths(part)).toContain('/etc/kubernetes/pki/ca.key');
    expect(paths('worker').filter((p) => p.includes('.key'))).toEqual(['/var/lib/kubelet/pki/kubelet.key']);
    expect(paths('worker')).toContain('/etc/kubernetes/kubelet.conf');
    expect(content(of('worker'), '/etc/kubernetes/kubelet.conf')).toContain('https://kind-control-plane:6443');
  });

  test('on the first boot the others reach an API server by a detour to the first, where they may wait', () => {
    const input = {
      networkAddresses: ['10.89.128.2', 'fc00::2'],
      loadBalancerAddresses: ['10.89.128.9', 'fc00::9'],
      peers: [{ podCidrs: ['10.244.1.0/24'], addresses: ['10.89.128.2', 'fc00::2'] }],
      kubeletIdentity,
    };
    const env = (part: NodePart) => content(bootFiles(inputFor('', { ...input, part })), '/kind/kinpod/node.env');
    expect(env('first')).toContain("GATE_SOURCES='10.89.128.2 fc00::2'\nDETOURS=''\n");
    expect(env('member')).toContain("DETOURS='10.89.128.9 fc00::9 10.89.128.2 fc00::2'\n");
    expect(env('worker')).toContain("DETOURS='10.89.128.9 fc00::9'\n");
  });
});

test('a patched configuration of containerd replaces the one of the image', () => {
  expect(content(bootFiles(inputFor('', { containerdConfig: 'version = 2\n' })), '/etc/containerd/config.toml')).toBe(
    'version = 2\n',
  );
  expect(find(bootFiles(inputFor()), '/etc/containerd/config.toml')).toBeUndefined();
});

test('the archive keeps paths, contents, modes and links', async () => {
  const archive = await archiveOf([
    { path: '/etc/a', content: 'ä\n', mode: 0o600 },
    { path: '/etc/b', linkTo: '/etc/a' },
  ]);
  const entries = await unpackTar(archive);
  expect(entries.map((e) => [e.header.name, e.header.type, e.header.mode, e.header.linkname])).toMatchObject([
    ['etc/a', 'file', 0o600, ''],
    ['etc/b', 'symlink', expect.anything(), '/etc/a'],
  ]);
  expect(new TextDecoder().decode(entries[0]?.data)).toBe('ä\n');
});
