import ipaddr from 'ipaddr.js';
import type { NodeAddresses } from '../../network/addresses.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { hashOf } from './names.ts';

/**
 * The network between the nodes of a cluster: VXLAN between their Pods. A node is sent to at the address of its own Service, which
 * stays when its Pod is made anew elsewhere: the outer cluster's kube-proxy follows the Pod, and nothing has to be told to the others.
 */

/** Port of the VXLAN packets: not the one of the standard (4789) or of Flannel (8472), which the outer cluster's network may use. */
export const OVERLAY_PORT = 14789;

/** Bytes that VXLAN adds to a packet, by the family of the addresses that it is sent to: Ethernet 14, VXLAN 8, UDP 8, IP 20 or 40. */
const OVERHEAD = { 4: 50, 6: 70 } as const;

/** Subnets of the nodes' network: of a range that RFC 2544 keeps for tests of routers, which hardly anybody routes. */
const RANGE = { from: 0, to: 255, prefix: '198.18' } as const;

export interface OverlaySubnets {
  ipv4: string;
  ipv6: string;
}

/**
 * The subnets of every cluster's nodes: each has a network of its own, so they may be the same.
 * @param outer addresses of the outer cluster's nodes: where those are Pods too, theirs is another
 */
export function overlaySubnets(outer: readonly string[]): OverlaySubnets {
  for (let n = RANGE.from; n <= RANGE.to; n++) {
    const prefix = `${RANGE.prefix}.${n}.`;
    if (!outer.some((address) => address.startsWith(prefix))) {
      return { ipv4: `${prefix}0/24`, ipv6: `fd00:198:18:${n.toString(16)}::/64` };
    }
  }
  throw new RangeError(`every subnet of ${RANGE.prefix}.0.0/16 has a node of the outer cluster`);
}

/** Number of the cluster's VXLAN, 24 bits and not 0. */
export function networkId(namespace: string, cluster: string): number {
  return (hashOf('vxlan', namespace, cluster).readUInt32BE(0) >>> 8) | 1;
}

/** A locally administered hardware address, from the node's address: neighbours need not be asked for it. */
export function hardwareAddress(ipv4: string): string {
  const octets = ipaddr.IPv4.parse(ipv4).octets.map((octet) => octet.toString(16).padStart(2, '0'));
  return ['02', '58', ...octets].join(':');
}

/** A node in its cluster's network. */
export interface OverlayNode {
  name: string;
  addresses: NodeAddresses;
  /** Of the node's Service in the outer cluster. */
  serviceAddress: string;
}

/** What overlay.sh in a node goes by. */
export function overlayFiles(
  id: number,
  subnets: OverlaySubnets,
  nodes: readonly OverlayNode[],
  own: string,
): NodeFile[] {
  const node = nodes.find((one) => one.name === own);
  if (!node) throw new Error(`${own} is not one of the cluster's nodes`);
  const { ipv4, ipv6 } = node.addresses;
  const withBits = [`${ipv4}/${bitsOf(subnets.ipv4)}`, ...(ipv6 ? [`${ipv6}/${bitsOf(subnets.ipv6)}`] : [])];
  const settings = {
    VNI: id,
    PORT: OVERLAY_PORT,
    OVERHEAD: OVERHEAD[nodes.some((one) => one.serviceAddress.includes(':')) ? 6 : 4],
    HARDWARE_ADDRESS: hardwareAddress(ipv4),
    ADDRESSES: withBits.join(' '),
  };
  const peers = nodes.map((one) =>
    [one.name, one.serviceAddress, hardwareAddress(one.addresses.ipv4), ...bothOf(one.addresses)].join(' '),
  );
  return [
    {
      path: '/kind/kinpod/overlay.env',
      content: Object.entries(settings)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
    },
    { path: '/kind/kinpod/overlay.nodes', content: peers.map((line) => `${line}\n`).join('') },
  ];
}

function bitsOf(subnet: string): string {
  return subnet.split('/')[1] ?? '';
}

function bothOf({ ipv4, ipv6 }: NodeAddresses): string[] {
  return ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
}
