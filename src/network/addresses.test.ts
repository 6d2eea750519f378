import { expect, test } from 'vitest';
import { chooseSubnet, freeAddresses, ulaSubnet } from './addresses.ts';

const PODMANS = { from: 89, to: 152 };

test.each([
  [[], '10.89.0.0/16'],
  [['10.89.0.0/24'], '10.90.0.0/16'],
  [['10.0.0.0/8'], undefined],
  [['0.0.0.0/0', 'fc00::/7'], '10.89.0.0/16'],
])('with %j in use the network gets %s', (inUse, subnet) => {
  expect(chooseSubnet(PODMANS, inUse)?.subnet).toBe(subnet);
});

test('the subnet of Services is never taken', () => {
  expect(chooseSubnet({ from: 96, to: 97 }, [])?.subnet).toBe('10.97.0.0/16');
});

test('nodes take addresses from the upper half and skip those of other nodes', () => {
  expect(freeAddresses('10.89.0.0/16', new Set(['10.89.128.1']), 2)).toEqual(['10.89.128.2', '10.89.128.3']);
  expect(freeAddresses('10.88.1.0/24', new Set(), 1)).toEqual(['10.88.1.129']);
  expect(freeAddresses('fc00:1:2:3::/64', new Set(['fc00:1:2:3:8000::1']), 1)).toEqual(['fc00:1:2:3:8000::2']);
});

test('nodes take addresses from anywhere in the half, where that is asked for', () => {
  expect(freeAddresses('10.88.1.0/24', new Set(['10.88.1.192']), 2, 0.5)).toEqual(['10.88.1.193', '10.88.1.194']);
  expect(freeAddresses('10.88.1.0/29', new Set(), 2, 0.99)).toEqual(['10.88.1.6', '10.88.1.5']);
  expect(freeAddresses('fc00:1:2:3::/64', new Set(), 1, 0.5)).toEqual(['fc00:1:2:3:8000:0:8000:1']);
});

test('a full subnet is an error, not an address outside it', () => {
  expect(() => freeAddresses('10.1.0.0/30', new Set(['10.1.0.3']), 1)).toThrow(RangeError);
});

test('the IPv6 subnet of the network named kind is the one that kind uses', () => {
  expect(ulaSubnet('kind')).toBe('fc00:f853:ccd:e793::/64');
});
