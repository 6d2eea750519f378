import { expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { nthAddress } from '../network/addresses.ts';
import { layOut, nthSubnet, refuseUnsupported } from './layout.ts';
import { nodeNames } from './names.ts';

const image = { reference: 'localhost/node:1', version: new KubernetesVersion('v1.36.3') };
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
    nodes: [{ name: 'ci-control-plane', image: 'localhost/node:1', podCidr: '10.244.0.0/24' }],
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
  const older = { reference: 'localhost/node:0', version: new KubernetesVersion('v1.34.4') };
  expect(layOut(config, [image, older], 'podman').nodes[1]).toMatchObject({
    image: older.reference,
    version: older.version,
  });
});

test.each([['networking: {ipFamily: ipv6}', 'ipFamily ipv6']])('%s is refused in words, not ignored', (yaml, words) => {
  expect(() => refuseUnsupported(load(yaml))).toThrow(words);
});

test.each([
  ['10.244.0.0/16', 0, '10.244.0.0/24'],
  ['10.244.0.0/16', 255, '10.244.255.0/24'],
  ['10.1.2.0/26', 0, '10.1.2.0/26'],
])('node %2$i of %1$s', (subnet, n, expected) => {
  expect(nthSubnet(subnet, n)).toBe(expected);
});

test('a pod subnet without room for the nodes is an error', () => {
  expect(() => nthSubnet('10.244.0.0/23', 2)).toThrow('no room for 3 nodes');
});

test('addresses are counted from the network address', () => {
  expect(nthAddress('10.96.0.77/16', 1)).toBe('10.96.0.1');
});
