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
  return parseV6(address).isIPv4MappedAddress() && Number(length) >= 96 ? 'ipv4' : 'ipv6';
}

/** An address as Go prints it, undefined if it is none to Go: one with a zone is not. */
export function normalAddress(address: string): string | undefined {
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  if (isIP(address) === 4) return address;
  const parsed = parseV6(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/** ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4, so it does not get to see dotted numbers. */
function parseV6(address: string): ipaddr.IPv6 {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${group(a, b)}:${group(c, d)}`;
  });
  return ipaddr.IPv6.parse(hex);
}
