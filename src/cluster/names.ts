import type { ClusterConfig, NodeConfig } from '../config/types.ts';

/** Name of a cluster's kubeconfig entries. */
export function contextName(cluster: string): string {
  return `kind-${cluster}`;
}

/** Node names in the order of the config: `c-control-plane`, `c-control-plane2`, `c-worker`, `c-worker2`. */
export function nodeNames(cluster: ClusterConfig): { node: NodeConfig; name: string }[] {
  const count = { 'control-plane': 0, worker: 0 };
  return cluster.nodes.map((node) => {
    count[node.role] += 1;
    return { node, name: `${cluster.name}-${node.role}${count[node.role] > 1 ? count[node.role] : ''}` };
  });
}

/** Name of the node in front of several control planes. */
export function loadBalancerName(cluster: string): string {
  return `${cluster}-external-load-balancer`;
}

/** Names of all nodes, also of the one in front of several control planes. */
export function allNames(cluster: ClusterConfig): string[] {
  const names = nodeNames(cluster).map(({ name }) => name);
  return needsLoadBalancer(cluster) ? [...names, loadBalancerName(cluster.name)] : names;
}

/** Name of the node by which clients reach the API server: the load balancer, where there is one. */
export function serverName(cluster: ClusterConfig): string {
  if (needsLoadBalancer(cluster)) return loadBalancerName(cluster.name);
  return nodeNames(cluster).find(({ node }) => node.role === 'control-plane')?.name ?? '';
}

export function needsLoadBalancer(config: ClusterConfig): boolean {
  return config.nodes.filter((n) => n.role === 'control-plane').length > 1;
}
