import ipaddr from 'ipaddr.js';
import type { ClusterConfig, NodeConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { NodeImage } from '../image/node-image.ts';
import type { KubernetesVersion } from '../kube/version.ts';
import { type NodeAddresses, nthAddress } from '../network/addresses.ts';
import type { NodePart } from '../node/node-part.ts';
import type { RuntimeName } from '../node/runtime/runtimes.ts';
import { loadBalancerName, needsLoadBalancer, nodeNames } from './names.ts';

/** Prefix lengths of a node's part of the pod subnet: the controller manager's defaults, --node-cidr-mask-size-ipv4 and -ipv6. */
const NODE_MASK = { ipv4: 24, ipv6: 64 } as const;

export interface NodeLayout {
  config: NodeConfig;
  name: string;
  part: NodePart;
  image: string;
  /** Of the Kubernetes programs in the image. */
  version: KubernetesVersion;
  /** Container runtime that the image has. */
  runtime: RuntimeName;
  /** The node's part of the pod subnet, of each family that it has. */
  podCidrs: readonly string[];
}

export interface LoadBalancerLayout {
  name: string;
  /** One that has HAProxy. */
  image: string;
}

/** Who is who in a cluster: all that follows from the config alone, before an engine is asked for anything. */
export interface ClusterLayout {
  config: ClusterConfig;
  providerName: string;
  nodes: NodeLayout[];
  /** The control plane whose boot sets the cluster up. */
  first: NodeLayout;
  /** The node in front of several control planes; undefined where there is one. */
  loadBalancer: LoadBalancerLayout | undefined;
  /** `host:port` by which nodes reach the API server: a name, so that no address is written anywhere. */
  controlPlaneEndpoint: string;
  /** Address of the Service `kubernetes`. */
  apiServiceAddress: string;
}

/**
 * @param images of the nodes, in their order
 * @param loadBalancerImage needed where there are several control planes
 * @throws {KinpodError} `subnet-too-small`
 */
export function layOut(
  config: ClusterConfig,
  images: readonly NodeImage[],
  providerName: string,
  loadBalancerImage?: string,
): ClusterLayout {
  const firstIndex = config.nodes.findIndex((n) => n.role === 'control-plane');
  const nodes = nodeNames(config).map(({ node, name }, index) => ({
    config: node,
    name,
    part: partOf(node, index === firstIndex),
    ...imageOf(images[index]),
    podCidrs: config.networking.podSubnet.split(',').map((subnet) => nthSubnet(subnet, index)),
  }));
  const first = nodes[firstIndex];
  if (!first) throw new Error('a validated config has a control plane');
  const loadBalancer = needsLoadBalancer(config)
    ? { name: loadBalancerName(config.name), image: loadBalancerImage ?? '' }
    : undefined;
  return {
    config,
    providerName,
    nodes,
    first,
    loadBalancer,
    controlPlaneEndpoint: `${(loadBalancer ?? first).name}:6443`,
    apiServiceAddress: nthAddress(primaryServiceSubnet(config), 1n),
  };
}

function imageOf(image: NodeImage | undefined): Pick<NodeLayout, 'image' | 'version' | 'runtime'> {
  if (!image) throw new Error('every node has an image');
  return { image: image.reference, version: image.version, runtime: image.runtime };
}

function partOf(node: NodeConfig, first: boolean): NodePart {
  if (node.role === 'worker') return 'worker';
  return first ? 'first' : 'member';
}

/** The Service subnet by whose family a cluster's own Service and its nodes' first addresses go (kind issue 2484). */
function primaryServiceSubnet(config: ClusterConfig): string {
  return config.networking.serviceSubnet.split(',', 1)[0] ?? '';
}

/**
 * The addresses of a node that its cluster uses, the primary one first, as kind orders them.
 * @throws {KinpodError} `network-without-ipv6`
 */
export function addressesInUse(config: ClusterConfig, { ipv4, ipv6 }: NodeAddresses): [string, ...string[]] {
  const { ipFamily } = config.networking;
  if (ipFamily === 'ipv4') return [ipv4];
  if (ipv6 === undefined) {
    throw new KinpodError(`ipFamily ${ipFamily} needs IPv6, which the network of the nodes does not have`, {
      code: 'network-without-ipv6',
      hint: 'where the kernel has IPv6 (/proc/net/if_inet6), delete all clusters and the network: kinpod makes it anew, with IPv6',
    });
  }
  if (ipFamily === 'ipv6') return [ipv6];
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
