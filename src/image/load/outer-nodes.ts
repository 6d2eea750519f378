import type { Toleration } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import type { OuterNode } from '../../provider/provider.ts';

/** Nodes that are themselves made by kind or kinpod: whoever can reach them can load images into them. */
export interface MadeNodes {
  /** What they are made with: `podman`, `docker`, `nerdctl`, `kubernetes`. */
  provider: string;
  cluster: string;
  nodes: string[];
}

/**
 * Of the outer nodes that Pods may be on, those that kind or kinpod made; they say so in their provider IDs,
 * `kind://podman/outer/outer-worker`.
 * @param tolerations of all Pods that are to come: a taint that one of them bears keeps none away
 * @returns undefined where the outer cluster is another's
 */
export function madeNodes(nodes: readonly OuterNode[], tolerations: readonly Toleration[]): MadeNodes | undefined {
  const usable = nodes.filter((node) => isUsable(node, tolerations));
  const made = (usable.length > 0 ? usable : nodes).flatMap((node) => {
    const [, provider, cluster, name] = /^kind:\/\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(node.spec?.providerID ?? '') ?? [];
    return provider && cluster && name ? [{ provider, cluster, name }] : [];
  });
  const [first] = made;
  if (!first) return undefined;
  const same = made.filter(({ provider, cluster }) => provider === first.provider && cluster === first.cluster);
  return { provider: first.provider, cluster: first.cluster, nodes: same.map(({ name }) => name) };
}

function isUsable({ spec }: OuterNode, tolerations: readonly Toleration[]): boolean {
  if (spec?.unschedulable) return false;
  return (spec?.taints ?? [])
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
    .every((taint) => tolerations.some((one) => tolerates(one, taint)));
}

/** corev1.Toleration.ToleratesTaint, without the comparisons of numbers. */
function tolerates(one: Toleration, taint: { key: string; value?: string; effect: string }): boolean {
  if (one.effect && one.effect !== taint.effect) return false;
  if (one.key && one.key !== taint.key) return false;
  return one.operator === 'Exists' || (Boolean(one.key) && (one.value ?? '') === (taint.value ?? ''));
}

/**
 * Why Pods cannot have an image that no registry has, and what to do.
 * @param why what the outer cluster said
 */
export function imageNotInCluster(reference: string, why: string | undefined): KinpodError {
  const isLocal = /^localhost\//.test(reference);
  return new KinpodError(`the outer cluster does not have the node image "${reference}"`, {
    code: 'image-not-found',
    details: why,
    hint: [
      ...(isLocal ? ['localhost/ is no registry: only this machine knows images of that name'] : []),
      'push it to a registry that the cluster pulls from, and name it there: --image REGISTRY/kinpod-node:TAG',
      'or load it into the cluster’s nodes; into those of kind and kinpod that are on this machine, kinpod does it by itself',
    ].join('\n'),
  });
}
