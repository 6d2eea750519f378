import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Family = 'ipv4' | 'ipv6' | 'dual';

/**
 * What is wrong with a subnet of the cluster, by kind's rules (validateSubnets): one CIDR of the family; where the family
 * is dual, one of either or two of different ones.
 */
export function subnetProblem(subnet: string, family: Family): string | undefined {
  const cidrs = subnet.split(',');
  const families = cidrs.map(familyOfCidr);
  const broken = cidrs[families.indexOf(undefined)];
  if (broken !== undefined)
    return `"${broken}" is not a CIDR such as ${family === 'ipv6' ? 'fd00:1::/56' : '10.1.0.0/16'}`;
  if (family === 'dual') {
    const fine = cidrs.length === 1 || (cidrs.length === 2 && families[0] !== families[1]);
    return fine ? undefined : 'expected one CIDR, or an IPv4 and an IPv6 CIDR, where ipFamily is dual';
  }
  if (cidrs.length > 1) return `expected one CIDR where ipFamily is ${family}`;
  if (families[0] !== family) return `"${subnet}" is not of the cluster's ipFamily, which is ${family}`;
  return undefined;
}

/** As Go's net.ParseCIDR: no zone, no leading zero in an IPv4 address, decimal length within the address' size. */
function familyOfCidr(cidr: string): 'ipv4' | 'ipv6' | undefined {
  const [, address = '', length = ''] = /^([^/%]+)\/(\d+)$/.exec(cidr) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(length) > (version === 4 ? 32 : 128)) return undefined;
  return ipaddr.process(address).kind();
}

export interface Listener {
  hostPort: number;
  listenAddress: string;
  protocol: string;
}

/**
 * The mappings of one node that cannot be published beside an earlier one, by kind's rules (validatePortMappings): same
 * port and protocol on the same address, where 0.0.0.0, :: and an empty address mean every address. Ports that are picked
 * later (0 and -1) are not looked at.
 */
export function portMappingConflicts(mappings: readonly Listener[]): { index: number; problem: string }[] {
  const taken = new Map<string, Set<string>>();
  return mappings.flatMap((mapping, index) => {
    if (mapping.hostPort <= 0) return [];
    const address = normalAddress(mapping.listenAddress);
    if (address === undefined) return [{ index, problem: `"${mapping.listenAddress}" is not an IP address` }];
    const key = `${mapping.hostPort}/${mapping.protocol.toUpperCase()}`;
    const others = taken.get(key) ?? new Set();
    taken.set(key, others);
    const conflict = address === EVERY_ADDRESS ? others.size > 0 : others.has(address) || others.has(EVERY_ADDRESS);
    others.add(address);
    const host =
      isIP(mapping.listenAddress) === 6 ? `[${mapping.listenAddress}]` : mapping.listenAddress || EVERY_ADDRESS;
    return conflict ? [{ index, problem: `an earlier port mapping of the node takes ${host}:${key} already` }] : [];
  });
}

const EVERY_ADDRESS = '0.0.0.0';

function normalAddress(address: string): string | undefined {
  if (address === '') return EVERY_ADDRESS;
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  const normal = ipaddr.process(address).toString();
  return normal === '::' ? EVERY_ADDRESS : normal;
}
