import { describe, expect, it } from 'vitest';
import { portMappingConflicts, subnetProblem } from './checks.ts';

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
    ['ipv6', 'fd00::/56', undefined],
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
    expect(subnetProblem(subnet, family)).toBe(expected);
  });

  it.each([
    ...['', 'a', '10.0.0.0', '10.0.0.0/', '/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/+8', '010.0.0.0/8', '10.0/8'],
    ...[' 10.0.0.0/8', '10.0.0.0/8,', '10.0.0.0/8, fd00::/56', '10.0.0.0/8/8', 'fd00::/129', 'fe80::1%eth0/64'],
  ])('%j is no CIDR', (subnet) => {
    expect(subnetProblem(subnet, 'dual')).toMatch(/is not a CIDR/);
  });
});

describe('port mappings of a node', () => {
  const conflicts = (...listeners: string[]) =>
    portMappingConflicts(
      listeners.map((listener) => {
        const [, listenAddress = '', port, protocol = ''] = /^(.*):(-?\d+)\/(\w+)$/.exec(listener) ?? [];
        return { listenAddress, hostPort: Number(port), protocol };
      }),
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
    ['127.0.0.1:80/TCP', '127.0.0.1:80/tcp', '127.0.0.1:80/TCP'],
    ['127.0.0.1:80/TCP', ':80/TCP', '0.0.0.0:80/TCP'],
    [':80/TCP', '127.0.0.1:80/TCP', '127.0.0.1:80/TCP'],
    ['0.0.0.0:80/UDP', ':::80/UDP', '[::]:80/UDP'],
    ['::1:80/TCP', ':::80/TCP', '[::]:80/TCP'],
    ['::1:80/TCP', '0:0:0:0:0:0:0:1:80/TCP', '[0:0:0:0:0:0:0:1]:80/TCP'],
    ['1.2.3.4:80/TCP', '::ffff:1.2.3.4:80/TCP', '[::ffff:1.2.3.4]:80/TCP'],
  ])('%s and %s do not', (first, second, shown) => {
    expect(conflicts(first, 'x:0/TCP', second)).toEqual([
      { index: 2, problem: `an earlier port mapping of the node takes ${shown} already` },
    ]);
  });

  it.each(['x', '127.0.0.01', 'fe80::1%eth0', 'localhost'])('%s is no address to listen on', (address) => {
    expect(conflicts(`${address}:80/TCP`)).toEqual([{ index: 0, problem: `"${address}" is not an IP address` }]);
  });
});
