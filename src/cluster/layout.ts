import ipaddr from 'ipaddr.js';
import type { ClusterConfig, NodeConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { NodeImage } from '../image/node-image.ts';
import { nthAddress } from '../network/addresses.ts';
import { nodeNames } from './names.ts';

/** Prefix length of a node's part of the pod subnet: the controller manager's default, --node-cidr-mask-size-ipv4. */
const NODE_MASK = 24;

export interface NodeLayout {
  config: NodeConfig;
  name: string;
  image: string;
  /** The node's part of the pod subnet. */
  podCidr: string;
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
    podCidr: nthSubnet(config.networking.podSubnet, index),
  }));
  const first = nodes.find((n) => n.config.role === 'control-plane');
  if (!first) throw new Error('a validated config has a control plane');
  return {
    config,
    image,
    providerName,
    nodes,
    controlPlaneEndpoint: `${first.name}:6443`,
    apiServiceAddress: nthAddress(config.networking.serviceSubnet, 1),
  };
}

/** @throws {KinpodError} `not-supported` */
export function refuseUnsupported(config: ClusterConfig): void {
  const unsupported = [
    ...(config.nodes.length > 1 ? [`${config.nodes.length} nodes (only a single control-plane node so far)`] : []),
    ...(config.networking.ipFamily === 'ipv4' ? [] : [`ipFamily ${config.networking.ipFamily}`]),
  ];
  if (unsupported.length > 0) {
    throw new KinpodError(`this version of kinpod cannot make a cluster with ${unsupported.join(' and ')}`, {
      code: 'not-supported',
      hint: 'use one control-plane node and ipFamily ipv4',
    });
  }
}

/** The n-th /24 of an IPv4 subnet. */
export function nthSubnet(subnet: string, n: number): string {
  const [, bits] = ipaddr.IPv4.parseCIDR(subnet);
  const mask = Math.max(bits, NODE_MASK);
  if (n >= 2 ** (mask - bits)) {
    throw new KinpodError(`podSubnet ${subnet} has no room for ${n + 1} nodes of a /${mask} each`, {
      code: 'subnet-too-small',
      hint: 'use a podSubnet of /16',
    });
  }
  return `${nthAddress(subnet, n * 2 ** (32 - mask))}/${mask}`;
}
