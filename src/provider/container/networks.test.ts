import { expect, test } from 'vitest';
import { type EngineNetwork, isExplicit, mtuOf, subnetsOf } from './networks.ts';

const docker = (...Config: { Subnet: string; IPRange?: string; Gateway?: string }[]): EngineNetwork => ({
  IPAM: { Config },
});

test.each([
  ['of Podman', { subnets: [{ subnet: '10.89.0.0/16' }, { subnet: 'fd00::/64' }] }, ['10.89.0.0/16', 'fd00::/64']],
  ['of Docker', docker({ Subnet: '172.18.0.0/16' }, { Subnet: 'fd00::/64' }), ['172.18.0.0/16', 'fd00::/64']],
  ['without an address', { IPAM: { Config: null } }, []],
] as [string, EngineNetwork, string[]][])('subnets of a network %s', (_, network, expected) => {
  expect(subnetsOf(network)).toEqual(expected);
});

test.each([
  ["kinpod's own", { IPRange: '10.153.0.0/17' }, true],
  ['one that a user made with --subnet', {}, true],
  ["kind's, whose IPv4 subnet Docker chose", { Gateway: '10.153.0.1' }, false],
])('%s has fixed addresses: %j', (_, config, expected) => {
  const network = docker({ Subnet: '10.153.0.0/16', ...config });
  expect(isExplicit(network, '10.153.0.0/16')).toBe(expected);
});

test("both subnets of kinpod's own network are explicit, whatever gateways are shown", () => {
  const network = docker(
    { Subnet: '10.153.0.0/16', IPRange: '10.153.0.0/17', Gateway: '10.153.0.1' },
    { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
  );
  expect(['10.153.0.0/16', 'fd00::/64', '10.9.0.0/16'].map((s) => isExplicit(network, s))).toEqual([true, true, false]);
});

test("a network gets the MTU of Docker's default one", () => {
  const Options = {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.driver.mtu': '1450',
  };
  expect(mtuOf([{}, { Options }])).toBe('com.docker.network.driver.mtu=1450');
  expect(mtuOf([{ subnets: [] }])).toBeUndefined();
});
