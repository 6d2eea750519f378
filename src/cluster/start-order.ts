import type { ClusterLayout } from './layout.ts';

/**
 * Names of the nodes that are made and started before the others are made: the control planes, whose boot is what everything waits
 * for, while a worker waits for them. All control planes together, for etcd needs a majority of them, and with the load balancer,
 * whose name their kubelets look up. None where nobody comes after them.
 * @param together no node can start before all are made: one that is a Pod is told the others' addresses when it starts
 */
export function startedAhead({ nodes, loadBalancer }: ClusterLayout, together: boolean): string[] {
  const controlPlanes = nodes.filter((node) => node.part !== 'worker');
  if (together || controlPlanes.length === nodes.length) return [];
  return [...controlPlanes, ...(loadBalancer ? [loadBalancer] : [])].map((node) => node.name);
}
