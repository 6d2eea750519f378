import { describe, expect, test } from 'vitest';
import type { HostAllowances, NodeSpec } from '../provider.ts';
import { podman, ulimitArgs } from './engine.ts';
import { runArgs, volumeArgs } from './run-args.ts';

const host: HostAllowances = { capSysResource: true, nofileHard: 1_048_576, nprocHard: 'unlimited', modulesDir: true };
const spec: NodeSpec = {
  name: 'ci-control-plane',
  cluster: 'ci',
  role: 'control-plane',
  image: 'localhost/node:1',
  addresses: { ipv4: '10.89.128.1', ipv6: undefined },
  ports: [],
  mounts: [],
  env: {},
  labels: {},
};
const args = (change: Partial<NodeSpec> = {}, allowances: Partial<HostAllowances> = {}) =>
  runArgs({ ...spec, ...change }, ['sh', '-c', 'wait', '/sbin/init'], podman, 'kind', { ...host, ...allowances });

test('a node has the labels by which kind and its ecosystem find it, and keeps its address', () => {
  expect(args()).toEqual(
    expect.arrayContaining([
      'io.x-k8s.kind.cluster=ci',
      'io.x-k8s.kind.role=control-plane',
      'dev.kinpod.address=10.89.128.1',
    ]),
  );
});

test("what the container runs stands in place of the image's own program and arguments", () => {
  const at = args().indexOf('--entrypoint');
  expect(args().slice(at)).toEqual(['--entrypoint', 'sh', 'localhost/node:1', '-c', 'wait', '/sbin/init']);
});

test('a node of a network of both families has a fixed address of each, and routes packets of both', () => {
  const both = args({ addresses: { ipv4: '10.89.128.1', ipv6: 'fc00::8000:0:0:1' } });
  expect(both.join(' ')).toContain('--ip6 fc00::8000:0:0:1 --sysctl=net.ipv6.conf.all.disable_ipv6=0');
  expect(both).toContain('dev.kinpod.address=10.89.128.1,fc00::8000:0:0:1');
  expect(args()).not.toContain('--ip6');
});

test("kind finds the volume by the node's name, kinpod by the cluster's", () => {
  expect(volumeArgs(spec)).toEqual(expect.arrayContaining(['ci-control-plane=true', 'io.x-k8s.kind.cluster=ci']));
});

describe('host limits', () => {
  test('a host that may raise limits gets none', () => {
    expect(ulimitArgs({ ...host, nofileHard: 1024 })).toEqual([]);
  });

  test("hard limits below the engine's defaults are passed on", () => {
    expect(ulimitArgs({ ...host, capSysResource: false, nofileHard: 20_000, nprocHard: 30_000 })).toEqual([
      '--ulimit=nofile=20000:20000',
      '--ulimit=nproc=30000:30000',
    ]);
  });

  test('/lib/modules is mounted only where it is', () => {
    expect(args().join(' ')).toContain('/lib/modules:/lib/modules:ro');
    expect(args({}, { modulesDir: false }).join(' ')).not.toContain('/lib/modules');
  });
});

test.each([
  [{ hostPort: 8080, listenAddress: '127.0.0.1' }, '--publish=127.0.0.1:8080:80/tcp'],
  [{ hostPort: -1, listenAddress: '127.0.0.1' }, '--publish=127.0.0.1::80/tcp'],
  [{ hostPort: 53, listenAddress: 'fd00::1' }, '--publish=[fd00::1]:53:80/tcp'],
  // Podman: see the table of engines.
  [{ hostPort: 53, listenAddress: '::' }, '--publish=53:80/tcp'],
  [{ hostPort: -1, listenAddress: '::' }, '--publish=80/tcp'],
])('a port %j is published as %s', (port, expected) => {
  expect(args({ ports: [{ containerPort: 80, protocol: 'TCP', ...port }] })).toContain(expected);
});

test.each([
  [{ readOnly: false, selinuxRelabel: false, propagation: 'None' }, '--volume=/a:/b'],
  [{ readOnly: true, selinuxRelabel: true, propagation: 'None' }, '--volume=/a:/b:ro,Z'],
  [{ readOnly: false, selinuxRelabel: false, propagation: 'Bidirectional' }, '--volume=/a:/b:rshared'],
  [{ readOnly: false, selinuxRelabel: false, propagation: 'HostToContainer' }, '--volume=/a:/b:rslave'],
] as const)('a mount %j becomes %s', (mount, expected) => {
  expect(args({ mounts: [{ hostPath: '/a', containerPath: '/b', ...mount }] })).toContain(expected);
});
