import ipaddr from 'ipaddr.js';
import type { ClusterConfig, NodeConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { NodeImage } from '../image/node-image.ts';
import type { KubernetesVersion } from '../kube/version.ts';
import { nthAddress } from '../network/addresses.ts';
import type { NodePart } from '../node/node-part.ts';
import { loadBalancerName, nodeNames } from './names.ts';

/** Prefix length of a node's part of the pod subnet: the controller manager's default, --node-cidr-mask-size-ipv4. */
const NODE_MASK = 24;

export interface NodeLayout {
  config: NodeConfig;
  name: string;
  part: NodePart;
  image: string;
  /** Of the Kubernetes programs in the image. */
  version: KubernetesVersion;
  /** The node's part of the pod subnet. */
  podCidr: string;
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
    podCidr: nthSubnet(config.networking.podSubnet, index),
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
    apiServiceAddress: nthAddress(config.networking.serviceSubnet, 1),
  };
}

function imageOf(image: NodeImage | undefined): Pick<NodeLayout, 'image' | 'version'> {
  if (!image) throw new Error('every node has an image');
  return { image: image.reference, version: image.version };
}

export function needsLoadBalancer(config: ClusterConfig): boolean {
  return config.nodes.filter((n) => n.role === 'control-plane').length > 1;
}

function partOf(node: NodeConfig, first: boolean): NodePart {
  if (node.role === 'worker') return 'worker';
  return first ? 'first' : 'member';
}

/** @throws {KinpodError} `not-supported` */
export function refuseUnsupported(config: ClusterConfig): void {
  const unsupported = [...(config.networking.ipFamily === 'ipv4' ? [] : [`ipFamily ${config.networking.ipFamily}`])];
  if (unsupported.length > 0) {
    throw new KinpodError(`this version of kinpod cannot make a cluster with ${unsupported.join(' and ')}`, {
      code: 'not-supported',
      hint: 'use ipFamily ipv4',
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
