import { removeKubeconfig } from '../kubeconfig/kubeconfig.ts';
import type { Provider } from '../provider/provider.ts';
import type { KubeconfigOptions } from './export-kubeconfig.ts';
import { getClusters } from './list.ts';
import { removeStaleClaim } from './name-claim.ts';
import { contextName } from './names.ts';
import { openSession } from './session.ts';

export interface DeleteClusterOptions extends KubeconfigOptions {
  /** Let every kubeconfig file that may have an entry be read and locked, as kind does. Default: only those that have one. */
  everyKubeconfig?: boolean | undefined;
  /** Told of the cluster's nodes when they are gone, and why a kubeconfig keeps its entry, before that is thrown. */
  onDeleted?: ((cluster: string, nodes: readonly string[], kubeconfigFailure: unknown) => void) | undefined;
}

/**
 * Delete a cluster and all that belongs to it, also what a killed create left. One that does not exist is no error.
 * @returns the names of the nodes that were there
 */
export async function deleteCluster(name: string, options: DeleteClusterOptions = {}): Promise<{ nodes: string[] }> {
  const { provider, env } = await openSession(options);
  const [nodes, kubeconfig] = await Promise.allSettled([
    provider.deleteCluster(name),
    removeEntry(provider, name, options, env),
    removeStaleClaim(provider, name),
  ]);
  if (nodes.status === 'rejected') throw nodes.reason;
  // A kubeconfig that cannot be changed does not keep the nodes alive.
  const kubeconfigFailure: unknown = kubeconfig.status === 'rejected' ? kubeconfig.reason : undefined;
  options.onDeleted?.(name, nodes.value, kubeconfigFailure);
  if (kubeconfigFailure !== undefined) throw kubeconfigFailure;
  return { nodes: nodes.value };
}

/** A cluster of the same name may be elsewhere, and the one around it have that name. */
async function removeEntry(
  provider: Provider,
  name: string,
  { kubeconfig, everyKubeconfig: everyFile }: DeleteClusterOptions,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const of = { outer: await provider.outerCluster?.() };
  return removeKubeconfig(contextName(name), kubeconfig, env, { everyFile, of });
}

/**
 * Delete clusters one after the other; one that fails does not keep the others alive.
 * @param names `all` for every cluster of the provider
 */
export async function deleteClusters(
  names: readonly string[] | 'all',
  options: DeleteClusterOptions = {},
): Promise<{ clusters: string[]; failures: { name: string; error: unknown }[] }> {
  const deleted: string[] = [];
  const failures: { name: string; error: unknown }[] = [];
  for (const name of names === 'all' ? await getClusters(options) : names) {
    options.signal?.throwIfAborted();
    try {
      await deleteCluster(name, options);
      deleted.push(name);
    } catch (error) {
      failures.push({ name, error });
    }
  }
  return { clusters: deleted, failures };
}
