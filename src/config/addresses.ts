import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpFamily = 'ipv4' | 'ipv6';

/** The family of a CIDR as Go's net.ParseCIDR has it, undefined if it is none. */
export function familyOfCidr(cidr: string): IpFamily | undefined {
  const [, address = '', length = ''] = /^([^/%]+)\/(\d+)$/.exec(cidr) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(length) > (version === 4 ? 32 : 128)) return undefined;
  if (version === 4) return 'ipv4';
  // An IPv4 address in IPv6 notation is one as long as the mask leaves its prefix, ::ffff:0:0/96.
  return ipaddr.IPv6.parse(address).isIPv4MappedAddress() && Number(length) >= 96 ? 'ipv4' : 'ipv6';
}

/** An address as Go prints it, undefined if it is none to Go: one with a zone is not. */
export function normalAddress(address: string): string | undefined {
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
}
