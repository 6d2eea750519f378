import { KinpodError } from '../errors/kinpod-error.ts';
import { type KubeconfigEntry, readUserKubeconfig } from '../kubeconfig/kubeconfig.ts';
import { httpsUrl } from '../network/endpoint.ts';
import type { NodeInfo, Provider } from '../provider/provider.ts';
import { contextName } from './names.ts';

/** The nodes of an existing cluster that its API is about. */
export interface ApiNodes {
  cluster: string;
  /** By which the API server is reached: the load balancer where there is one, else the first control plane. */
  server: NodeInfo;
  /** Which has kubeadm's files and the programs of the cluster's version. */
  controlPlane: NodeInfo;
}

/** @throws {KinpodError} `no-such-cluster` in kind's words */
export async function findApiNodes(provider: Provider, cluster: string): Promise<ApiNodes> {
  const nodes = await provider.listNodes(cluster);
  const controlPlanes = nodes.filter((n) => n.role === 'control-plane');
  const controlPlane = controlPlanes.find((n) => n.running) ?? controlPlanes[0];
  const server = nodes.find((n) => n.role === 'external-load-balancer') ?? controlPlane;
  if (server) return { cluster, server, controlPlane: controlPlane ?? server };
  throw new KinpodError(
    `could not locate any control plane nodes for cluster named '${cluster}'. Use the --name option to select a different cluster`,
    { code: 'no-such-cluster', hint: 'kinpod get clusters' },
  );
}

/**
 * An administrator's access to an existing cluster, kind's or kinpod's, from the admin.conf that kubeadm left in its node.
 * @param internal with the address inside the nodes' network
 */
export async function administrator(
  provider: Provider,
  { cluster, server, controlPlane }: ApiNodes,
  internal: boolean,
  signal?: AbortSignal,
): Promise<KubeconfigEntry> {
  if (!controlPlane.running) {
    throw new KinpodError(`the node ${controlPlane.name} of cluster "${cluster}" is stopped`, {
      code: 'node-stopped',
      hint: provider.nodesArePods
        ? `kubectl describe pod ${controlPlane.name}-0   (in the outer cluster, tells why it does not run)`
        : `start it: ${provider.name} start ${controlPlane.name}`,
    });
  }
  const { stdout } = await provider.exec(controlPlane.name, ['cat', '/etc/kubernetes/admin.conf'], { secret: true });
  const entry = {
    ...readUserKubeconfig(stdout),
    name: contextName(cluster),
    outer: await provider.outerCluster?.(),
  };
  if (internal) return { ...entry, server: httpsUrl(await provider.internalEndpoint(server.name)) };
  const endpoint = await provider.endpoint((provider.outside === 'elsewhere' ? controlPlane : server).name, signal);
  if (!endpoint) {
    throw new KinpodError(`the API server of "${cluster}" is not published on this host`, {
      code: 'no-endpoint',
      hint: 'use --internal from a container on the same network',
    });
  }
  return { ...entry, server: httpsUrl(endpoint), tlsServerName: endpoint.serverName };
}
