import type { Kubectl } from './kubectl.ts';
import { PROBE_LABEL } from './names.ts';
import type { Pod } from './objects.ts';

/** Milliseconds that a kinpod may take to read what its Pod has found, and that clocks of two machines may differ. */
const MARGIN_MS = 60_000;

/**
 * Whether nobody waits any more for a Pod that looks at something: who made it was killed before he could remove it. One that no node
 * takes would stay for ever, for its deadline counts from where it runs; here it counts from where it was made.
 */
export function isAbandoned({ metadata, spec, status }: Pod, now: number): boolean {
  const ended = status?.containerStatuses?.[0]?.state?.terminated?.finishedAt;
  if (ended !== undefined && Date.parse(ended) + MARGIN_MS < now) return true;
  const limitMs = (spec?.activeDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  return Date.parse(metadata.creationTimestamp ?? '') + limitMs + MARGIN_MS < now;
}

/** Remove what kinpods that were killed have left of their looks at the outer cluster. */
export async function removeAbandoned(kubectl: Kubectl): Promise<void> {
  const now = Date.now();
  const names = (await kubectl.list<Pod>('pods', PROBE_LABEL))
    .filter((pod) => isAbandoned(pod, now))
    .map((pod) => pod.metadata.name);
  if (names.length > 0) await removePods(kubectl, names);
}

/** Without waiting until they are gone. Those that are not there are no error. */
export async function removePods(kubectl: Kubectl, names: readonly string[]): Promise<void> {
  await kubectl.request(['delete', 'pod', ...names, '--wait=false', '--ignore-not-found', '--grace-period=0'], {
    allowFailure: true,
  });
}
