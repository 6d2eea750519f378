import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** A node's fixed addresses on the clusters' network. */
export interface NodeAddresses {
  ipv4: string;
  /** undefined where the network has no IPv6 subnet. */
  ipv6: string | undefined;
}

/** Of the subnets `10.N.0.0/16` no network gets kind's default subnet of Services. */
const SERVICES = 96;

export interface SubnetChoice {
  /** `10.89.0.0/16` */
  subnet: string;
  /** The lower half, from which the engine gives addresses to containers that ask for none: `10.89.0.0/17`. */
  range: string;
}

/**
 * The first of the subnets `10.N.0.0/16` that overlaps none of the networks in use, or undefined where all do. A /16, because
 * the upper half is for fixed node addresses.
 * @param numbers first and last N
 */
export function chooseSubnet(
  numbers: { from: number; to: number },
  inUse: readonly string[],
): SubnetChoice | undefined {
  const used = inUse.map((cidr) => ipaddr.parseCIDR(cidr)).filter(([address]) => address.kind() === 'ipv4');
  for (let n = numbers.from; n <= numbers.to; n++) {
    const subnet = `10.${n}.0.0/16`;
    if (n === SERVICES || used.some((u) => overlaps(ipaddr.parseCIDR(subnet), u))) continue;
    return { subnet, range: subnet.replace('/16', '/17') };
  }
  return undefined;
}

/** Whether two subnets, as CIDRs, have an address in common. Of different families they have none. */
export function subnetsOverlap(a: string, b: string): boolean {
  return overlaps(ipaddr.parseCIDR(a), ipaddr.parseCIDR(b));
}

/** The subnet of that size around an address or a subnet: of `10.244.3.0/24` and 16 it is `10.244.0.0/16`. A larger one stays. */
export function subnetAround(addressOrSubnet: string, bits: number): string {
  const cidr = addressOrSubnet.includes('/') ? addressOrSubnet : `${addressOrSubnet}/${bits}`;
  const length = Math.min(bits, ipaddr.parseCIDR(cidr)[1]);
  return `${nthAddress(`${cidr.split('/')[0]}/${length}`, 0n)}/${length}`;
}

type Cidr = [ipaddr.IPv4 | ipaddr.IPv6, number];

function overlaps([a, aBits]: Cidr, [b, bBits]: Cidr): boolean {
  const bits = Math.min(aBits, bBits);
  // A default route is not a network in use.
  return bits > 0 && a.kind() === b.kind() && (a as ipaddr.IPv4).match(b as ipaddr.IPv4, bits);
}

/**
 * `count` free addresses of the upper half of a subnet, the lowest ones from `from` on. The lower half is the engine's own.
 * @param from where in the half to begin, as a part of it from 0 to below 1; behind its end it goes on at its beginning
 * @throws {RangeError} if the half has no room
 */
export function freeAddresses(subnet: string, taken: ReadonlySet<string>, count: number, from = 0): string[] {
  const [network, bits] = ipaddr.parseCIDR(subnet);
  const half = 1n << BigInt(network.toByteArray().length * 8 - bits - 1);
  // Without the first address of the half, which is there for nobody, and the last one: of an IPv4 subnet the broadcast address.
  const usable = half - 2n;
  const first = BigInt(Math.floor(Number(usable < MOST_STARTS ? usable : MOST_STARTS) * from));
  const found: string[] = [];
  for (let i = 0n; i < usable && found.length < count; i++) {
    const address = nthAddress(subnet, half + 1n + ((first + i) % usable));
    if (!taken.has(address)) found.push(address);
  }
  if (found.length < count) throw new RangeError(`no ${count} free addresses in the upper half of ${subnet}`);
  return found;
}

/** Enough to choose from in an IPv6 subnet, and few enough to be counted exactly. */
const MOST_STARTS = 1n << 32n;

/** The n-th address of a subnet, counted from its network address. */
export function nthAddress(subnet: string, n: bigint): string {
  const [address, bits] = ipaddr.parseCIDR(subnet);
  const bytes = address.toByteArray();
  const hostBits = BigInt(bytes.length * 8 - bits);
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const nth = ((value >> hostBits) << hostBits) + n;
  return ipaddr
    .fromByteArray(bytes.map((_, i) => Number((nth >> BigInt((bytes.length - 1 - i) * 8)) & 255n)))
    .toString();
}

/**
 * The IPv6 subnet that kind gives its network: `fc00:` and six bytes of sha1(name, attempt as little-endian int32), /64.
 * The same here, so that either tool finds the network that it would have made (kind, pkg/cluster/internal/providers/podman/network.go).
 */
export function ulaSubnet(name: string, attempt = 0): string {
  const counter = Buffer.alloc(4);
  counter.writeInt32LE(attempt);
  const hash = createHash('sha1').update(name).update(counter).digest();
  const groups = [2, 4, 6].map((i) => hash.readUInt16BE(i).toString(16));
  return `${ipaddr.IPv6.parse(`fc00:${groups.join(':')}::`).toString()}/64`;
}
