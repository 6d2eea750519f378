import { describe, expect, test } from 'vitest';
import type { HostAllowances, NodeAllowances, NodeSpec } from '../provider.ts';
import { docker } from './docker.ts';
import { allowancesOfProcess, podman, ulimitArgs } from './engine.ts';
import { runArgs } from './run-args.ts';

const host: HostAllowances = {
  capSysResource: true,
  boundSysResource: true,
  inUserNamespace: false,
  uid: 0,
  cgroup: 'v2',
  oomScoreAdj: 0,
  nofileHard: 1_048_576,
  nprocHard: 'unlimited',
  modulesDir: true,
  devices: ['/dev/kmsg', '/dev/fuse'],
};
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
const args = (change: Partial<NodeSpec> = {}, allowances: Partial<NodeAllowances> = {}, engine = podman) =>
  runArgs({ ...spec, ...change }, ['sh', '-c', 'wait', '/sbin/init'], engine, 'kind', {
    ...allowancesOfProcess(host),
    ...allowances,
  });

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

test('names that a node must find have a line in its hosts file for each address', () => {
  const server = { ipv4: '10.89.128.5', ipv6: 'fc00::8000:0:0:5' };
  const found = args({ hosts: { 'ci-external-load-balancer': server } });
  expect(found.filter((_, i) => found[i - 1] === '--add-host')).toEqual([
    'ci-external-load-balancer:10.89.128.5',
    'ci-external-load-balancer:fc00::8000:0:0:5',
  ]);
  expect(args()).not.toContain('--add-host');
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

describe('on Docker', () => {
  const onDocker = (allowances: Partial<NodeAllowances> = {}) => args({}, allowances, docker);

  test("a node has kind's flags", () => {
    expect(onDocker()).toEqual(
      expect.arrayContaining([
        '--privileged',
        '--security-opt=seccomp=unconfined',
        '--security-opt=apparmor=unconfined',
        '--restart=on-failure:1',
        '--init=false',
        '--cgroupns=private',
      ]),
    );
  });

  test('a load balancer comes back with the daemon too, though it has ended well', () => {
    const found = args({ role: 'external-load-balancer' }, {}, docker);
    expect(found).toEqual(expect.arrayContaining(['--restart=unless-stopped', '--init=false', '--stop-signal']));
    expect(found).not.toContain('--restart=on-failure:1');
    expect(found).not.toContain('--privileged');
  });

  test('a host without CAP_SYS_RESOURCE is asked for everything but that', () => {
    const found = onDocker({ allCapabilities: false, devices: ['/dev/kmsg'] });
    expect(found).not.toContain('--privileged');
    expect(found).toEqual(expect.arrayContaining(['--cap-add=ALL', '--cap-drop=SYS_RESOURCE', '--device=/dev/kmsg']));
    expect(found).not.toContain('--device=/dev/fuse');
  });

  test.each([
    ['a rootless daemon', { userNamespace: true }, '--device=/dev/fuse'],
    ['a daemon that remaps users', { remapped: true }, '--userns=host'],
    ['storage on mapped devices', { deviceMapper: true }, '--volume=/dev/mapper:/dev/mapper'],
  ])('%s gets its flag, and no other does', (_, allowed, flag) => {
    expect(onDocker(allowed)).toContain(flag);
    expect(onDocker()).not.toContain(flag);
  });

  test('a port that the engine picks is named 0, and no limits are set', () => {
    const port = { containerPort: 80, hostPort: -1, listenAddress: '127.0.0.1', protocol: 'TCP' as const };
    expect(args({ ports: [port] }, { capSysResource: false, nofileHard: 1024 }, docker)).toContain(
      '--publish=127.0.0.1:0:80/tcp',
    );
    expect(onDocker({ capSysResource: false, nofileHard: 1024 }).join(' ')).not.toContain('ulimit');
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
