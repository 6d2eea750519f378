import ipaddr from 'ipaddr.js';
import type { ClusterConfig, NodeConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { NodeImage } from '../image/node-image.ts';
import { type NodeAddresses, nthAddress } from '../network/addresses.ts';
import { nodeNames } from './names.ts';

/** Prefix lengths of a node's part of the pod subnet: the controller manager's defaults, --node-cidr-mask-size-ipv4 and -ipv6. */
const NODE_MASK = { ipv4: 24, ipv6: 64 } as const;

export interface NodeLayout {
  config: NodeConfig;
  name: string;
  image: string;
  /** The node's part of the pod subnet, of each family that it has. */
  podCidrs: readonly string[];
}

/** Who is who in a cluster: all that follows from the config alone, before an engine is asked for anything. */
export interface ClusterLayout {
  config: ClusterConfig;
  image: NodeImage;
  providerName: string;
  nodes: NodeLayout[];
  /** `host:port` by which nodes reach the API server: a name, so that no address is written anywhere. */
  controlPlaneEndpoint: string;
  /** Address of the Service `kubernetes`. */
  apiServiceAddress: string;
}

/**
 * @throws {KinpodError} `subnet-too-small`
 */
export function layOut(config: ClusterConfig, image: NodeImage, providerName: string): ClusterLayout {
  const nodes = nodeNames(config).map(({ node, name }, index) => ({
    config: node,
    name,
    image: node.image ?? image.reference,
    podCidrs: config.networking.podSubnet.split(',').map((subnet) => nthSubnet(subnet, index)),
  }));
  const first = nodes.find((n) => n.config.role === 'control-plane');
  if (!first) throw new Error('a validated config has a control plane');
  return {
    config,
    image,
    providerName,
    nodes,
    controlPlaneEndpoint: `${first.name}:6443`,
    apiServiceAddress: nthAddress(primaryServiceSubnet(config), 1n),
  };
}

/** @throws {KinpodError} `not-supported` */
export function refuseUnsupported(config: ClusterConfig): void {
  const unsupported = [
    ...(config.nodes.length > 1 ? [`${config.nodes.length} nodes (only a single control-plane node so far)`] : []),
  ];
  if (unsupported.length > 0) {
    throw new KinpodError(`this version of kinpod cannot make a cluster with ${unsupported.join(' and ')}`, {
      code: 'not-supported',
      hint: 'use one control-plane node',
    });
  }
}

/** The Service subnet by whose family a cluster's own Service and its nodes' first addresses go (kind issue 2484). */
function primaryServiceSubnet(config: ClusterConfig): string {
  return config.networking.serviceSubnet.split(',', 1)[0] ?? '';
}

/**
 * The addresses of a node that its cluster uses, the primary one first, as kind orders them.
 * @throws {KinpodError} `network-without-ipv6`
 */
export function addressesInUse(config: ClusterConfig, { ipv4, ipv6 }: NodeAddresses): string[] {
  if (config.networking.ipFamily === 'ipv4') return [ipv4];
  if (ipv6 === undefined) {
    throw new KinpodError(
      `ipFamily ${config.networking.ipFamily} needs IPv6, which the network of the nodes does not have`,
      {
        code: 'network-without-ipv6',
        hint: 'where the kernel has IPv6 (/proc/net/if_inet6), delete all clusters and the network: kinpod makes it anew, with IPv6',
      },
    );
  }
  if (config.networking.ipFamily === 'ipv6') return [ipv6];
  return primaryServiceSubnet(config).includes(':') ? [ipv6, ipv4] : [ipv4, ipv6];
}

/** The n-th /24 of an IPv4 subnet, the n-th /64 of an IPv6 subnet. */
export function nthSubnet(subnet: string, n: number): string {
  const [address, bits] = ipaddr.parseCIDR(subnet);
  const mask = Math.max(bits, NODE_MASK[address.kind()]);
  if (n >= 2 ** (mask - bits)) {
    throw new KinpodError(`podSubnet ${subnet} has no room for ${n + 1} nodes of a /${mask} each`, {
      code: 'subnet-too-small',
      hint: `use a podSubnet of ${address.kind() === 'ipv4' ? '/16' : '/56'}`,
    });
  }
  const length = address.toByteArray().length * 8;
  return `${nthAddress(subnet, BigInt(n) << BigInt(length - mask))}/${mask}`;
}
