import { resolve } from 'node:path';
import type { PortMapping } from '../config/types.ts';
import type { NodeAddresses } from '../network/addresses.ts';
import { LOAD_BALANCER_COMMAND } from '../node/load-balancer.ts';
import { KUBERNETES_VERSION_LABEL } from '../provider/labels.ts';
import type { NodeSpec } from '../provider/provider.ts';
import type { ClusterLayout, LoadBalancerLayout, NodeLayout } from './layout.ts';
import { type PublishRules, withHostPort, withMappedPort } from './published-ports.ts';

/** The node that a user's clients talk to has the port of the config; further API servers are published for nobody in particular. */
function apiServerPort({ config }: ClusterLayout, published: boolean): PortMapping {
  const { apiServerPort, apiServerAddress } = config.networking;
  const host = published
    ? { hostPort: apiServerPort, listenAddress: apiServerAddress }
    : { hostPort: 0, listenAddress: config.networking.ipFamily === 'ipv6' ? '::1' : '127.0.0.1' };
  return { containerPort: 6443, protocol: 'TCP', ...host };
}

/** What the engine is to make of the node in front of several control planes. */
export async function loadBalancerSpec(
  layout: ClusterLayout,
  { name, image }: LoadBalancerLayout,
  addresses: NodeAddresses,
  rules: PublishRules,
): Promise<NodeSpec> {
  return {
    name,
    cluster: layout.config.name,
    role: 'external-load-balancer',
    image,
    command: LOAD_BALANCER_COMMAND,
    addresses,
    expose: layout.config.pods.expose,
    ports: [await withHostPort(apiServerPort(layout, true), rules)],
    mounts: [],
    env: {},
    labels: {},
    pod: { antiAffinity: 'none', resources: { requests: {}, limits: {} }, nodeSelector: {}, tolerations: [] },
  };
}

/** What the engine is to make of a node. */
export async function nodeSpec(
  layout: ClusterLayout,
  node: NodeLayout,
  addresses: NodeAddresses,
  rules: PublishRules,
  environment: Readonly<Record<string, string>>,
): Promise<NodeSpec> {
  const { config } = layout;
  const apiServer = node.part === 'worker' ? [] : [apiServerPort(layout, !layout.loadBalancer)];
  return {
    name: node.name,
    cluster: config.name,
    role: node.config.role,
    image: node.image,
    addresses,
    expose: node === layout.first && !layout.loadBalancer ? config.pods.expose : undefined,
    ports: await Promise.all([
      ...node.config.extraPortMappings.map((p) => withMappedPort(p, rules)),
      ...apiServer.map((p) => withHostPort(p, rules)),
    ]),
    // Engines take absolute paths only.
    mounts: node.config.extraMounts.map((m) => ({ ...m, hostPath: resolve(m.hostPath) })),
    env: {
      ...environment,
      ...(node.config.role === 'control-plane' ? { KUBECONFIG: '/etc/kubernetes/admin.conf' } : {}),
    },
    labels: { [KUBERNETES_VERSION_LABEL]: node.version.text },
    pod: {
      storage: config.pods.storage,
      antiAffinity: config.pods.antiAffinity,
      resources: node.config.resources,
      nodeSelector: node.config.nodeSelector,
      tolerations: node.config.tolerations,
    },
  };
}
