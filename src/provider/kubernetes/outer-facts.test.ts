import { expect, test } from 'vitest';
import { networksOf, type OuterAnswers } from './outer-facts.ts';

const NOTHING: OuterAnswers = {
  nodes: undefined,
  serviceCidrs: undefined,
  kubeadmConfig: undefined,
  services: undefined,
  refusedService: undefined,
  pods: undefined,
  resolvConf: undefined,
};

test('a cluster that may be read whole tells everything', () => {
  const networks = networksOf({
    ...NOTHING,
    nodes: {
      items: [
        {
          metadata: { name: 'outer-control-plane' },
          spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
          status: {
            addresses: [
              { type: 'InternalIP', address: '10.89.128.1' },
              { type: 'Hostname', address: 'outer-control-plane' },
            ],
          },
        },
      ],
    },
    serviceCidrs: { items: [{ spec: { cidrs: ['10.96.0.0/16'] } }] },
    kubeadmConfig: {
      data: {
        ClusterConfiguration:
          'networking:\n  dnsDomain: cluster.local\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/16\n',
      },
    },
    services: { items: [{ spec: { clusterIPs: ['10.96.12.1'] } }] },
    pods: {
      items: [
        { status: { podIPs: [{ ip: '10.244.0.7' }] } },
        { spec: { hostNetwork: true }, status: { podIPs: [{ ip: '10.89.128.1' }] } },
      ],
    },
  });
  expect(networks).toEqual({
    pods: ['10.244.0.0/16', '10.244.0.0/24', '10.244.0.7'],
    services: ['10.96.0.0/16'],
    nodes: ['10.89.128.1'],
    dnsDomain: 'cluster.local',
  });
});

test('rights to one namespace are enough for addresses of each network', () => {
  const networks = networksOf({
    ...NOTHING,
    services: { items: [{ spec: { clusterIPs: ['10.100.7.9'] } }, { spec: { clusterIPs: ['None'] } }, { spec: {} }] },
    refusedService: 'failed to allocate IP 192.0.2.1: the provided network does not match the current range',
    pods: { items: [{ status: { podIPs: [{ ip: '10.12.3.4' }] } }, {}] },
    resolvConf: 'search ci.svc.corp.example svc.corp.example corp.example\nnameserver 10.100.0.10\n',
  });
  expect(networks).toEqual({ pods: ['10.12.3.4'], services: ['10.100.7.9'], nodes: [], dnsDomain: 'corp.example' });
});

test('before 1.33 the API server names its Services’ subnet where it refuses an address', () => {
  const refusedService =
    'The Service "x" is invalid: spec.clusterIPs: Invalid value: ["192.0.2.1"]: failed to allocate IP 192.0.2.1: the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12';
  expect(
    networksOf({ ...NOTHING, refusedService, services: { items: [{ spec: { clusterIPs: ['10.96.0.1'] } }] } }).services,
  ).toEqual(['10.96.0.0/12']);
});

test('of a cluster that tells nothing nothing is known', () => {
  expect(
    networksOf({
      ...NOTHING,
      kubeadmConfig: { data: { ClusterConfiguration: '{' } },
      resolvConf: 'nameserver 127.0.0.1\n',
    }),
  ).toEqual({
    pods: [],
    services: [],
    nodes: [],
    dnsDomain: undefined,
  });
});
