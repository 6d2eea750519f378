import { describe, expect, it } from 'vitest';
import { kindValidationText, mappingConflicts, subnetProblem, violations } from './rules.ts';

describe('subnets', () => {
  const both = 'expected one CIDR, or an IPv4 and an IPv6 CIDR, where ipFamily is dual';
  it.each([
    ['ipv4', '10.0.0.0/8', undefined],
    ['ipv4', '10.1.2.3/16', undefined],
    ['ipv4', '0.0.0.0/0', undefined],
    ['ipv4', '10.0.0.0/08', undefined],
    ['ipv4', '::ffff:10.0.0.0/104', undefined],
    ['ipv4', 'fd00::/56', '"fd00::/56" is not of the cluster\'s ipFamily, which is ipv4'],
    ['ipv4', '10.0.0.0/8,10.1.0.0/16', 'expected one CIDR where ipFamily is ipv4'],
    ['ipv4', '::ffff:10.0.0.0/8', '"::ffff:10.0.0.0/8" is not of the cluster\'s ipFamily, which is ipv4'],
    ['ipv6', 'fd00::/56', undefined],
    ['ipv6', '::1.2.3.4/96', undefined],
    ['ipv6', '10.0.0.0/8', '"10.0.0.0/8" is not of the cluster\'s ipFamily, which is ipv6'],
    ['ipv6', 'x', '"x" is not a CIDR such as fd00:1::/56'],
    ['dual', '10.0.0.0/8', undefined],
    ['dual', 'fd00::/56', undefined],
    ['dual', '10.0.0.0/8,fd00::/56', undefined],
    ['dual', 'fd00::/56,10.0.0.0/8', undefined],
    ['dual', '10.0.0.0/8,10.1.0.0/16', both],
    ['dual', 'fd00::/56,fd01::/56', both],
    ['dual', '10.0.0.0/8,fd00::/56,10.1.0.0/16', both],
  ] as const)('%s %s: %s', (family, subnet, expected) => {
    expect(subnetProblem(subnet, family)?.message).toBe(expected);
  });

  it.each([
    ...['', 'a', '10.0.0.0', '10.0.0.0/', '/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/+8', '010.0.0.0/8', '10.0/8'],
    ...[' 10.0.0.0/8', '10.0.0.0/8,', '10.0.0.0/8, fd00::/56', '10.0.0.0/8/8', 'fd00::/129', 'fe80::1%eth0/64'],
  ])('%j is no CIDR', (subnet) => {
    expect(subnetProblem(subnet, 'dual')?.message).toMatch(/is not a CIDR/);
  });
});

describe('port mappings of a node', () => {
  const conflicts = (...listeners: string[]) =>
    mappingConflicts(
      listeners.map((listener) => {
        const [, listenAddress = '', port, protocol = ''] = /^(.*):(-?\d+)\/(\w+)$/.exec(listener) ?? [];
        return { listenAddress, hostPort: Number(port), protocol };
      }),
      ({ protocol }) => protocol ?? '',
    );

  it.each([
    ['different addresses', ['1.2.3.4:80/TCP', '1.2.3.5:80/TCP', '::1:80/TCP']],
    ['different ports', [':80/TCP', ':81/TCP']],
    ['different protocols', [':80/TCP', ':80/UDP', ':80/SCTP']],
    ['ports that are picked later', [':0/TCP', ':0/TCP', 'x:0/TCP', ':-1/TCP', ':-1/TCP']],
  ])('%s go together', (_, listeners) => {
    expect(conflicts(...listeners)).toEqual([]);
  });

  it.each([
    ['127.0.0.1:80/TCP', '127.0.0.1:80/TCP', '127.0.0.1:80/TCP'],
    ['127.0.0.1:80/TCP', ':80/TCP', '0.0.0.0:80/TCP'],
    [':80/TCP', '127.0.0.1:80/TCP', '127.0.0.1:80/TCP'],
    ['0.0.0.0:80/UDP', ':::80/UDP', '[::]:80/UDP'],
    ['::1:80/TCP', ':::80/TCP', '[::]:80/TCP'],
    ['::1:80/TCP', '0:0:0:0:0:0:0:1:80/TCP', '[::1]:80/TCP'],
    ['1.2.3.4:80/TCP', '::ffff:1.2.3.4:80/TCP', '1.2.3.4:80/TCP'],
  ])('%s and %s do not', (first, second, shown) => {
    expect(conflicts(first, 'x:0/TCP', second)).toEqual([
      expect.objectContaining({ index: 2, message: `an earlier port mapping of the node takes ${shown} already` }),
    ]);
  });

  it.each(['x', '127.0.0.01', 'fe80::1%eth0', 'localhost'])('%s is no address to listen on', (address) => {
    expect(conflicts(`${address}:80/TCP`)).toEqual([
      { index: 0, message: `"${address}" is not an IP address`, kind: `invalid listen address: ${address}` },
    ]);
  });
});

/** Texts as kind 0.33 prints them. */
describe("kind's words", () => {
  const said = (cluster: Parameters<typeof violations>[0], name = 'kind') =>
    kindValidationText(violations(cluster, name));
  it.each<[string, Parameters<typeof violations>[0]]>([
    ['invalid apiServerPort: invalid port number: 70000', { networking: { apiServerPort: 70000 } }],
    ['invalid ipFamily: ipv5', { networking: { ipFamily: 'ipv5' } }],
    [
      'invalid pod subnet failed to parse cidr value:"x" with error: invalid CIDR address: x',
      { networking: { podSubnet: 'x' } },
    ],
    [
      'invalid service subnet only one CIDR allowed for single-stack networking',
      { networking: { serviceSubnet: '10.0.0.0/8,11.0.0.0/8' } },
    ],
    ['invalid pod subnet expected IPv4 CIDR for IPv4 family', { networking: { podSubnet: 'fd00::/56' } }],
    [
      'invalid pod subnet expected IPv6 CIDR for IPv6 family',
      { networking: { ipFamily: 'ipv6', podSubnet: '10.0.0.0/8' } },
    ],
    [
      'invalid pod subnet expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking',
      { networking: { ipFamily: 'dual', podSubnet: '10.0.0.0/8,11.0.0.0/8' } },
    ],
    ['invalid kubeProxyMode: x', { networking: { kubeProxyMode: 'x' } }],
    ['must have at least one control-plane node', { nodes: [{ role: 'worker' }] }],
    [
      '[invalid configuration for node 0: "a" is not a valid node role, must have at least one control-plane node]',
      { nodes: [{ role: 'a' }] },
    ],
    [
      'invalid configuration for node 1: [invalid hostPort: invalid port number: -2, invalid containerPort: invalid port number: 65536, invalid portMapping: invalid listen address: x]',
      { nodes: [{}, { extraPortMappings: [{ hostPort: -2, containerPort: 65536, listenAddress: 'x' }] }] },
    ],
    [
      'invalid configuration for node 0: invalid portMapping: port mapping with same listen address, port and protocol already configured: :::80/UDP',
      {
        nodes: [
          {
            extraPortMappings: [
              { hostPort: 80, protocol: 'UDP' },
              { hostPort: 80, protocol: 'UDP', listenAddress: '::' },
            ],
          },
        ],
      },
    ],
  ])('%s', (expected, cluster) => {
    expect(said(cluster)).toBe(expected);
  });

  it('name what is wrong with the name first', () => {
    expect(said({ networking: { kubeProxyMode: 'x' } }, 'A')).toBe(
      "['A' is not a valid cluster name, cluster names must match `^[a-z0-9.-]+$`, invalid kubeProxyMode: x]",
    );
  });

  it('do not say the same twice', () => {
    const mapping = { hostPort: 70000 };
    expect(said({ nodes: [{ extraPortMappings: [mapping, { ...mapping, listenAddress: '1.2.3.4' }] }] })).toMatch(
      /^invalid configuration for node 0: \[invalid hostPort: invalid port number: 70000, invalid portMapping: /,
    );
  });
});
