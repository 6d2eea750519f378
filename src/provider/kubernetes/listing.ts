import { CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import type { ContainerRole, NodeInfo } from '../provider.ts';
import { NODE_LABEL, podName } from './names.ts';
import type { KubernetesObject, Pod } from './objects.ts';

/** Kinds of the objects by which nodes are found. A create that was killed may have left any of them. */
export const NODE_KINDS = 'services,statefulsets,pods';

/** The nodes that objects are of, by name. */
export function nodesOf(objects: readonly KubernetesObject[]): NodeInfo[] {
  const nodes = new Map<string, NodeInfo>();
  for (const { kind, metadata } of objects) {
    const labels = metadata.labels ?? {};
    const name = labels[NODE_LABEL];
    if (name === undefined) continue;
    // A Service has all the labels of its node, a Pod only some.
    if (nodes.has(name) && kind === 'Pod') continue;
    nodes.set(name, {
      name,
      cluster: labels[CLUSTER_LABEL] ?? '',
      role: (labels[ROLE_LABEL] ?? 'worker') as ContainerRole,
      running: objects.some((o) => o.kind === 'Pod' && o.metadata.name === podName(name) && isRunning(o as Pod)),
      labels,
    });
  }
  return [...nodes.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Whether programs can be executed in a Pod. */
export function isRunning({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.containerStatuses?.[0]?.state?.running !== undefined;
}
