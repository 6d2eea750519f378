import { describe, expect, test } from 'vitest';
import type { KinpodError } from '../../errors/kinpod-error.ts';
import { subnetsOverlap } from '../../network/addresses.ts';
import { chooseNetworks, type NestedNetworks, nextDomain, type OuterNetworks } from './networking-choice.ts';

/** A kinpod cluster on containers, as it looks from outside. */
const KINPOD: OuterNetworks = {
  pods: ['10.244.0.0/24', '10.244.1.0/24'],
  services: ['10.96.0.0/16'],
  nodes: ['10.89.128.1', '10.89.128.2'],
  dnsDomain: 'cluster.local',
};

describe('networks of a cluster in a cluster', () => {
  test.each<[string, OuterNetworks, NestedNetworks]>([
    [
      'of a kinpod cluster',
      KINPOD,
      {
        podSubnet: '10.245.0.0/16',
        serviceSubnet: '10.97.0.0/16',
        dnsDomain: 'cluster2.local',
      },
    ],
    [
      'of one that kubeadm made, with Services of a /12 and another network plugin',
      { pods: ['192.168.0.0/16'], services: ['10.96.0.0/12'], nodes: ['172.16.4.9'], dnsDomain: 'corp.example' },
      {
        podSubnet: '10.244.0.0/16',
        serviceSubnet: '10.112.0.0/16',
        dnsDomain: 'cluster.local',
      },
    ],
    [
      'of one of which no more is known than the address of a Service',
      { pods: [], services: ['10.100.0.1'], nodes: [], dnsDomain: undefined },
      {
        podSubnet: '10.245.0.0/16',
        serviceSubnet: '10.112.0.0/16',
        dnsDomain: 'cluster2.local',
      },
    ],
    [
      'of one whose nodes are where inner pods would be',
      {
        pods: ['10.0.3.0/24'],
        services: ['172.20.0.0/16'],
        nodes: ['10.244.7.1', '10.245.0.9'],
        dnsDomain: 'cluster.local',
      },
      {
        podSubnet: '10.246.0.0/16',
        serviceSubnet: '10.96.0.0/16',
        dnsDomain: 'cluster2.local',
      },
    ],
  ])('%s', (_, outer, expected) => {
    expect(chooseNetworks(outer, { ipFamily: 'ipv4' })).toEqual(expected);
  });

  test('a subnet of each family for a cluster of both', () => {
    expect(chooseNetworks(KINPOD, { ipFamily: 'dual' })).toEqual({
      podSubnet: '10.245.0.0/16,fd00:10:244::/56',
      serviceSubnet: '10.97.0.0/16,fd00:10:96::/112',
      dnsDomain: 'cluster2.local',
    });
  });

  test('what the configuration says stays, and nothing is chosen that overlaps it', () => {
    const wishes = { ipFamily: 'ipv4', podSubnet: '10.200.0.0/14', dnsDomain: 'cluster.local' } as const;
    expect(chooseNetworks(KINPOD, wishes)).toEqual({
      podSubnet: '10.200.0.0/14',
      serviceSubnet: '10.97.0.0/16',
      dnsDomain: 'cluster.local',
    });
  });

  test('each of five levels has networks that no other has, though it sees only the one around it', () => {
    const levels: OuterNetworks[] = [KINPOD];
    for (let level = 0; level < 4; level++) {
      const inner = chooseNetworks(levels.at(-1) ?? KINPOD, { ipFamily: 'ipv4' });
      levels.push({
        pods: [inner.podSubnet],
        services: [inner.serviceSubnet],
        nodes: [`198.18.${level}.129`],
        dnsDomain: inner.dnsDomain,
      });
    }
    const all = levels.flatMap((one) => [
      ...new Set([...one.pods, ...one.services, ...one.nodes].map((s) => (s.includes('/') ? s : `${s}/32`))),
    ]);
    const pairs = all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => subnetsOverlap(a, b))).toEqual([]);
    expect(levels.map((one) => one.dnsDomain)).toEqual([
      'cluster.local',
      'cluster2.local',
      'cluster3.local',
      'cluster4.local',
      'cluster5.local',
    ]);
  });
});

test('a clash is an error with every clash and the values to use', () => {
  const wishes = { ipFamily: 'ipv4', podSubnet: '10.244.128.0/17', serviceSubnet: '10.89.128.0/20' } as const;
  let error: KinpodError | undefined;
  try {
    chooseNetworks(KINPOD, wishes);
  } catch (thrown) {
    error = thrown as KinpodError;
  }
  expect(error?.code).toBe('networking-clash');
  expect(error?.details).toBe(
    [
      'podSubnet 10.244.128.0/17 overlaps 10.244.0.0/16, the pods of the cluster around it',
      'serviceSubnet 10.89.128.0/20 overlaps 10.89.128.1, the nodes of the cluster around it',
    ].join('\n'),
  );
  expect(error?.hint).toContain('podSubnet: 10.245.0.0/16');
  expect(error?.hint).toContain('serviceSubnet: 10.97.0.0/16');
});

test('what is only guessed of the outer cluster is no clash', () => {
  const outer = { pods: [], services: ['10.96.0.1'], nodes: [], dnsDomain: undefined };
  const wishes = { ipFamily: 'ipv4', podSubnet: '10.42.0.0/16', serviceSubnet: '10.97.0.0/16' } as const;
  expect(chooseNetworks(outer, wishes)).toMatchObject({ podSubnet: '10.42.0.0/16', serviceSubnet: '10.97.0.0/16' });
});

test('where every candidate is in use it says so', () => {
  const outer = { ...KINPOD, services: ['10.64.0.0/10'] };
  expect(() => chooseNetworks(outer, { ipFamily: 'ipv4' })).toThrow('no subnet is free for the services');
});

test.each([
  ['cluster.local', 'cluster2.local'],
  ['cluster2.local', 'cluster3.local'],
  ['corp.example', 'cluster.local'],
])('inside %s the domain is %s', (outer, inner) => expect(nextDomain(outer)).toBe(inner));
