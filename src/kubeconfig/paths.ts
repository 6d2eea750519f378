import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * The kubeconfig files in question, by kubectl's rules: the one that was asked for, else those of $KUBECONFIG (empty
 * names and repetitions left out), else ~/.kube/config.
 */
export function kubeconfigPaths(
  target: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): [string, ...string[]] {
  if (target) return [target];
  const [first, ...rest] = new Set((env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== ''));
  return first === undefined ? [join(env.HOME || homedir(), '.kube', 'config')] : [first, ...rest];
}

/** What {@link chooseMergePath} has to know of a file. */
export interface Candidate {
  path: string;
  exists: boolean;
  /** The file has a cluster, user or context of the name that is to be written. */
  hasEntry: boolean;
}

/**
 * The file of the list that takes an entry, as kubectl modifies them: the one that has it already, else the first that
 * exists, else the last. In a list the first file with an entry wins, so no stale copy further down does harm.
 */
export function chooseMergePath(candidates: readonly [Candidate, ...Candidate[]]): string {
  const chosen = candidates.find((c) => c.hasEntry) ?? candidates.find((c) => c.exists) ?? candidates.at(-1);
  return (chosen ?? candidates[0]).path;
}
