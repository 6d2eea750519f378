import { KinpodError } from '../errors/kinpod-error.ts';
import { type KubeconfigEntry, readUserKubeconfig } from '../kubeconfig/kubeconfig.ts';
import { httpsUrl } from '../network/endpoint.ts';
import type { NodeInfo, Provider } from '../provider/provider.ts';
import { contextName } from './names.ts';

/**
 * The node by which a cluster's API server is reached: the load balancer where there is one, else the first control plane.
 * @throws {KinpodError} `no-such-cluster` in kind's words
 */
export async function apiServerNode(provider: Provider, cluster: string): Promise<NodeInfo> {
  const nodes = await provider.listNodes(cluster);
  const node = nodes.find((n) => n.role === 'external-load-balancer') ?? nodes.find((n) => n.role === 'control-plane');
  if (node) return node;
  throw new KinpodError(
    `could not locate any control plane nodes for cluster named '${cluster}'. Use the --name option to select a different cluster`,
    { code: 'no-such-cluster', hint: 'kinpod get clusters' },
  );
}

/**
 * An administrator's access to an existing cluster, kind's or kinpod's, from the admin.conf that kubeadm left in its node.
 * @param internal with the address inside the nodes' network
 */
export async function administrator(provider: Provider, cluster: string, internal: boolean): Promise<KubeconfigEntry> {
  const server = await apiServerNode(provider, cluster);
  const controlPlane = (await provider.listNodes(cluster)).find((n) => n.role === 'control-plane') ?? server;
  if (!controlPlane.running) {
    throw new KinpodError(`the node ${controlPlane.name} of cluster "${cluster}" is stopped`, {
      code: 'node-stopped',
      hint: `start it: ${provider.name} start ${controlPlane.name}`,
    });
  }
  const { stdout } = await provider.exec(controlPlane.name, ['cat', '/etc/kubernetes/admin.conf']);
  const entry = { ...readUserKubeconfig(stdout), name: contextName(cluster) };
  if (internal) return { ...entry, server: `https://${server.name}:6443` };
  const endpoint = await provider.endpoint(server.name);
  if (!endpoint) {
    throw new KinpodError(`the API server of "${cluster}" is not published on this host`, {
      code: 'no-endpoint',
      hint: 'use --internal from a container on the same network',
    });
  }
  return { ...entry, server: httpsUrl(endpoint) };
}
