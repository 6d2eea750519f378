import { KinpodError } from '../errors/kinpod-error.ts';
import { parseQuantity } from './quantity.ts';
import type { ParsedCluster } from './schema.ts';
import type { ClusterConfig, ContainerRuntime, NodeConfig, PodExpose, PodSettings, PortMapping } from './types.ts';

export const DEFAULT_CLUSTER_NAME = 'kind';

/** Sizes: nodes get a /24 (IPv4) or /64 (IPv6) of the pod subnet; services as many as a /16 or /112 has addresses. */
const SUBNETS = {
  ipv4: { pod: '10.244.0.0/16', service: '10.96.0.0/16' },
  ipv6: { pod: 'fd00:10:244::/56', service: 'fd00:10:96::/112' },
  dual: { pod: '10.244.0.0/16,fd00:10:244::/56', service: '10.96.0.0/16,fd00:10:96::/112' },
} as const;

export interface Overrides {
  /** Takes the place of the file's name. */
  name?: string | undefined;
  /** Takes the place of every node's image. */
  image?: string | undefined;
  /** Takes the place of the file's pods.expose. */
  expose?: PodExpose | undefined;
  /** A quantity. Takes the place of the file's pods.storage.size. */
  storage?: string | undefined;
  /** Takes the place of the file's pods.storage.storageClassName. */
  storageClass?: string | undefined;
  /** Takes the place of the file's runtime. */
  runtime?: ContainerRuntime | undefined;
}

/** Of a node's volume, where only its class was asked for: the images that a node is given and the data of its pods go there. */
const DEFAULT_STORAGE_SIZE = '10Gi';

/** Fill in what the schema leaves open: defaults that depend on another field, and what was asked for on the command line. */
export function completeConfig(parsed: ParsedCluster, overrides: Overrides): ClusterConfig {
  const { networking } = parsed;
  const subnets = SUBNETS[networking.ipFamily];
  const nodes = parsed.nodes.length > 0 ? parsed.nodes : [DEFAULT_NODE];
  return {
    name: overrides.name || parsed.name || DEFAULT_CLUSTER_NAME,
    nodes: nodes.map((node) => completeNode(node, overrides)),
    networking: {
      ...networking,
      apiServerAddress: networking.apiServerAddress ?? (networking.ipFamily === 'ipv6' ? '::1' : '127.0.0.1'),
      podSubnet: networking.podSubnet ?? subnets.pod,
      serviceSubnet: networking.serviceSubnet ?? subnets.service,
      dnsSearch: networking.dnsSearch,
    },
    featureGates: parsed.featureGates,
    runtimeConfig: parsed.runtimeConfig,
    kubeadmConfigPatches: parsed.kubeadmConfigPatches,
    kubeadmConfigPatchesJSON6902: parsed.kubeadmConfigPatchesJSON6902,
    containerdConfigPatches: parsed.containerdConfigPatches,
    containerdConfigPatchesJSON6902: parsed.containerdConfigPatchesJSON6902,
    runtime: overrides.runtime ?? parsed.runtime,
    pods: completePods(parsed.pods, overrides),
  };
}

function completePods(pods: PodSettings, { expose, storage, storageClass }: Overrides): PodSettings {
  return {
    ...pods,
    ...(expose && { expose }),
    ...((storage || storageClass) && {
      storage: {
        size: storageSize(storage) ?? pods.storage?.size ?? DEFAULT_STORAGE_SIZE,
        storageClassName: storageClass || pods.storage?.storageClassName,
      },
    }),
  };
}

/** @throws {KinpodError} `usage` */
function storageSize(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const quantity = parseQuantity(text);
  if (quantity && quantity.nano > 0n) return text;
  throw new KinpodError(`invalid value for --storage: "${text}" is not a size; expected one such as 10Gi`, {
    code: 'usage',
  });
}

type ParsedNode = ParsedCluster['nodes'][number];

const DEFAULT_NODE: ParsedNode = {
  role: 'control-plane',
  labels: {},
  extraMounts: [],
  extraPortMappings: [],
  kubeadmConfigPatches: [],
  kubeadmConfigPatchesJSON6902: [],
  resources: { requests: {}, limits: {} },
  nodeSelector: {},
  tolerations: [],
};

function completeNode(node: ParsedNode, { image }: Overrides): NodeConfig {
  return {
    ...node,
    image: image || node.image,
    extraPortMappings: node.extraPortMappings.map((mapping) => ({
      ...mapping,
      protocol: mapping.protocol.toUpperCase() as PortMapping['protocol'],
    })),
  };
}
