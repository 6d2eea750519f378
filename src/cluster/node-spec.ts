import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { PortMapping } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import { LOAD_BALANCER_COMMAND } from '../node/load-balancer.ts';
import { KUBERNETES_VERSION_LABEL } from '../provider/labels.ts';
import type { NodeSpec } from '../provider/provider.ts';
import type { ClusterLayout, LoadBalancerLayout, NodeLayout } from './layout.ts';

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
  address: string,
): Promise<NodeSpec> {
  return {
    name,
    cluster: layout.config.name,
    role: 'external-load-balancer',
    image,
    command: LOAD_BALANCER_COMMAND,
    address,
    ports: [await withHostPort(apiServerPort(layout, true))],
    mounts: [],
    env: {},
    labels: {},
  };
}

/** What the engine is to make of a node. */
export async function nodeSpec(layout: ClusterLayout, node: NodeLayout, address: string): Promise<NodeSpec> {
  const { config } = layout;
  const apiServer = node.part === 'worker' ? [] : [apiServerPort(layout, !layout.loadBalancer)];
  const { dnsSearch } = config.networking;
  return {
    name: node.name,
    cluster: config.name,
    role: node.config.role,
    image: node.image,
    address,
    ports: await Promise.all([...node.config.extraPortMappings, ...apiServer].map(withHostPort)),
    // Engines take absolute paths only.
    mounts: node.config.extraMounts.map((m) => ({ ...m, hostPath: resolve(m.hostPath) })),
    env: {
      ...(node.config.role === 'control-plane' ? { KUBECONFIG: '/etc/kubernetes/admin.conf' } : {}),
      ...(dnsSearch ? { KIND_DNS_SEARCH: dnsSearch.join(' ') } : {}),
    },
    labels: { [KUBERNETES_VERSION_LABEL]: node.version.text },
  };
}

/**
 * A free port where the config leaves the choice to kinpod, and an early word where the port is taken: engines say it
 * only when the node starts.
 */
async function withHostPort(port: PortMapping): Promise<PortMapping> {
  const listenAddress = port.listenAddress || '0.0.0.0';
  if (port.hostPort === -1 || port.protocol !== 'TCP') return { ...port, listenAddress };
  return { ...port, listenAddress, hostPort: await freePort(listenAddress, port.hostPort) };
}

/** @throws {KinpodError} `port-in-use` if `wanted` is not 0 and somebody listens there */
function freePort(host: string, wanted: number): Promise<number> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(
        new KinpodError(`cannot listen on ${host}:${wanted}: ${inUse ? 'the port is in use' : error.message}`, {
          code: inUse ? 'port-in-use' : 'port-unusable',
          hint: inUse
            ? `choose another port in the config, or end the program that listens there (ss -ltnp 'sport = :${wanted}')`
            : 'check apiServerAddress, apiServerPort and extraPortMappings in the config',
          cause: error,
        }),
      );
    });
    server.listen({ host, port: wanted, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(address !== null && typeof address === 'object' ? address.port : wanted));
    });
  });
}
