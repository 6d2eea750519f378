import { expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { nthAddress } from '../network/addresses.ts';
import { addressesInUse, layOut, nthSubnet } from './layout.ts';
import { nodeNames } from './names.ts';

const image = {
  reference: 'localhost/node:1',
  version: new KubernetesVersion('v1.36.3'),
  runtime: 'containerd' as const,
};
const load = (yaml: string) =>
  loadClusterConfig({ text: `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${yaml}`, path: 'x.yaml' }).config;

test('nodes are named as kind names them, the first of a role without a number', () => {
  const config = load(
    'name: ci\nnodes: [{role: worker}, {role: control-plane}, {role: worker}, {role: control-plane}]',
  );
  expect(nodeNames(config).map((n) => n.name)).toEqual([
    'ci-worker',
    'ci-control-plane',
    'ci-worker2',
    'ci-control-plane2',
  ]);
});

test('a cluster is laid out from its config alone', () => {
  expect(layOut(load('name: ci'), [image], 'podman')).toMatchObject({
    nodes: [{ name: 'ci-control-plane', image: 'localhost/node:1', podCidrs: ['10.244.0.0/24'] }],
    controlPlaneEndpoint: 'ci-control-plane:6443',
    apiServiceAddress: '10.96.0.1',
  });
});

test('several control planes are reached through a load balancer; the first of them sets the cluster up', () => {
  const roles = ['worker', 'control-plane', 'control-plane', 'worker'];
  const config = load(`name: ci\nnodes: [${roles.map((role) => `{role: ${role}}`).join(', ')}]`);
  expect(
    layOut(
      config,
      roles.map(() => image),
      'podman',
      'localhost/own:1',
    ),
  ).toMatchObject({
    nodes: [{ part: 'worker' }, { part: 'first' }, { part: 'member' }, { part: 'worker' }],
    first: { name: 'ci-control-plane' },
    loadBalancer: { name: 'ci-external-load-balancer', image: 'localhost/own:1' },
    controlPlaneEndpoint: 'ci-external-load-balancer:6443',
  });
});

test('a node has the version of its own image', () => {
  const config = load('nodes: [{role: control-plane}, {role: worker}]');
  const older = {
    reference: 'localhost/node:0',
    version: new KubernetesVersion('v1.34.4'),
    runtime: 'containerd' as const,
  };
  expect(layOut(config, [image, older], 'podman').nodes[1]).toMatchObject({
    image: older.reference,
    version: older.version,
  });
});

test.each([
  ['10.244.0.0/16', 0, '10.244.0.0/24'],
  ['10.244.0.0/16', 255, '10.244.255.0/24'],
  ['10.1.2.0/26', 0, '10.1.2.0/26'],
  ['fd00:10:244::/56', 0, 'fd00:10:244::/64'],
  ['fd00:10:244::/56', 255, 'fd00:10:244:ff::/64'],
  ['fd00:10:244:5:6::/80', 0, 'fd00:10:244:5:6::/80'],
])('node %2$i of %1$s', (subnet, n, expected) => {
  expect(nthSubnet(subnet, n)).toBe(expected);
});

test('a pod subnet without room for the nodes is an error', () => {
  expect(() => nthSubnet('10.244.0.0/23', 2)).toThrow('no room for 3 nodes');
  expect(() => nthSubnet('fd00::/62', 4)).toThrow('no room for 5 nodes of a /64 each');
});

test('addresses are counted from the network address', () => {
  expect(nthAddress('10.96.0.77/16', 1n)).toBe('10.96.0.1');
  expect(nthAddress('fd00:10:96::5/112', 1n)).toBe('fd00:10:96::1');
});

test.each([
  ['ipFamily: ipv6', ['fc00::5'], ['fd00:10:244::/64'], 'fd00:10:96::1'],
  ['ipFamily: dual', ['10.89.128.1', 'fc00::5'], ['10.244.0.0/24', 'fd00:10:244::/64'], '10.96.0.1'],
  // The first Service subnet decides which address comes first, whatever the order of the pods' subnets.
  [
    'ipFamily: dual, serviceSubnet: "fd00:1::/112,10.1.0.0/16"',
    ['fc00::5', '10.89.128.1'],
    ['10.244.0.0/24', 'fd00:10:244::/64'],
    'fd00:1::1',
  ],
  ['ipFamily: dual, podSubnet: "fd00:2::/48"', ['10.89.128.1', 'fc00::5'], ['fd00:2::/64'], '10.96.0.1'],
])('%s', (networking, addresses, podCidrs, apiServiceAddress) => {
  const config = load(`networking: {${networking}}`);
  expect(addressesInUse(config, { ipv4: '10.89.128.1', ipv6: 'fc00::5' })).toEqual(addresses);
  expect(layOut(config, [image], 'podman')).toMatchObject({ nodes: [{ podCidrs }], apiServiceAddress });
});

test('a network without IPv6 is an error for the families that need it', () => {
  const addresses = { ipv4: '10.89.128.1', ipv6: undefined };
  expect(addressesInUse(load(''), addresses)).toEqual(['10.89.128.1']);
  expect(() => addressesInUse(load('networking: {ipFamily: dual}'), addresses)).toThrow('needs IPv6');
});
