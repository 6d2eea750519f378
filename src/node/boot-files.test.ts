import { unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { createClusterPki, issueClientCertificate, issueServerCertificate } from '../pki/cluster-pki.ts';
import { archiveOf } from './archive.ts';
import { BOOT_IDENTITY, bootFiles, kubeletServer, type NodeFile } from './boot-files.ts';
import type { BootInput } from './boot-input.ts';
import { type KubeadmInput, kubeadmConfig } from './kubeadm-config.ts';

const pki = await createClusterPki();
const bootIdentity = await issueClientCertificate(pki.kubernetes, BOOT_IDENTITY);
const server = await issueServerCertificate(pki.kubernetes, kubeletServer('kind-control-plane', ['10.89.128.1']));

function inputFor(networking = '', overrides: Partial<BootInput> = {}): BootInput {
  const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: {${networking}}`;
  const { config } = loadClusterConfig({ text, path: 'test.yaml' });
  const [node] = config.nodes;
  if (!node) throw new Error('a config has a node');
  const own: KubeadmInput = {
    cluster: config,
    node,
    nodeName: 'kind-control-plane',
    addresses: ['10.89.128.1'],
    controlPlaneEndpoint: 'kind-control-plane:6443',
    controlPlanes: 1,
    version: new KubernetesVersion('v1.36.3'),
    providerName: 'podman',
    cgroupV1: false,
    restricted: false,
    rootless: false,
  };
  return {
    ...own,
    podCidrs: ['10.244.0.0/24'],
    peers: [],
    apiServiceAddress: '10.96.0.1',
    part: 'first',
    members: [{ name: 'kind-control-plane', address: '10.89.128.1' }],
    firstDocuments: kubeadmConfig(overrides.node ? { ...own, node: overrides.node } : own),
    networkAddresses: ['10.89.128.1', 'fc00::1'],
    firstAddresses: ['10.89.128.1', 'fc00::1'],
    loadBalancerAddresses: [],
    nodeObjects: [],
    kubeletIdentity: undefined,
    scripts: { all: {}, first: {}, further: {} },
    pki,
    bootIdentity,
    kubeletServer: server,
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

describe('the network', () => {
  test("pods get addresses of the node's own part of the pod subnet", () => {
    const conf = JSON.parse(content(bootFiles(inputFor()), '/etc/cni/net.d/10-kindnet.conflist'));
    expect(conf.plugins[0].ipam.ranges).toEqual([[{ subnet: '10.244.0.0/24' }]]);
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

test('the Node is made with what a kubelet may not set itself, and with the address range of the network', () => {
  const node = JSON.parse(content(bootFiles(inputFor()), '/kind/kinpod/node.json'));
  expect(node.metadata.labels).toHaveProperty('node-role.kubernetes.io/control-plane', '');
  expect(node.spec).toEqual({
    podCIDR: '10.244.0.0/24',
    podCIDRs: ['10.244.0.0/24'],
    providerID: 'kind://podman/kind/kind-control-plane',
  });
});

test('labels and taints that patches give the kubelet stand in the Node: it adds none to one that it finds', () => {
  const input = inputFor();
  const patch = `kind: InitConfiguration
nodeRegistration:
  taints: [{key: dedicated, effect: NoSchedule}]
  kubeletExtraArgs:
  - {name: node-labels, value: "ingress-ready=true,empty="}
`;
  const files = bootFiles({ ...input, node: { ...input.node, kubeadmConfigPatches: [patch] } });
  const node = JSON.parse(content(files, '/kind/kinpod/node.json'));
  expect(node.metadata.labels).toMatchObject({ 'ingress-ready': 'true', empty: '' });
  expect(node.spec.taints).toEqual([{ key: 'dedicated', effect: 'NoSchedule' }]);
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
