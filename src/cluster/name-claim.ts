import { join } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';
import { runtimeDir } from '../exec/directories.ts';
import { removeStaleLock, withLock } from '../exec/lock.ts';
import type { Provider } from '../provider/provider.ts';
import { contextName } from './names.ts';

/**
 * Create a cluster as the only one that does so under its name: a second create must not find a name free that is about to be
 * taken. It knows of those that share this machine's directories, or the {@link Provider.claim}; a container that has the engine of
 * its machine knows of no other: there the engine takes each node's name once, and who comes second undoes what has its own label.
 * @param options `dryRun`: nothing is made by it. Default false
 * @throws {KinpodError} `name-in-use` if there is such a cluster, or another process is creating one
 */
export async function withClaimedName<T>(
  provider: Provider,
  cluster: string,
  create: () => Promise<T>,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<T> {
  const claim = await claimOf(provider, cluster);
  try {
    return await withLock(claim, () => createIfFree(provider, cluster, create, dryRun), { withinMs: 0 });
  } catch (error) {
    const code = error instanceof KinpodError ? error.code : undefined;
    if (code === 'lock-held') throw nameInUse(cluster, 'another kinpod is creating it');
    if (code === 'name-claimed') throw nameInUse(cluster, 'another kinpod is creating it, or was killed when it did');
    throw error;
  }
}

/** What a create that was killed left of its claim. */
export async function removeStaleClaim(provider: Provider, cluster: string): Promise<void> {
  await removeStaleLock(await claimOf(provider, cluster));
}

/**
 * A cluster inside another one must not take that one's entry in the kubeconfig: by it alone both are reached.
 * @throws {KinpodError} `name-of-outer-cluster`
 */
export async function checkOuterName(provider: Provider, cluster: string): Promise<void> {
  const context = contextName(cluster);
  if ((await provider.outerCluster?.())?.context !== context) return;
  throw new KinpodError(
    `the cluster around it has the kubeconfig entry "${context}", which cluster "${cluster}" would replace`,
    {
      code: 'name-of-outer-cluster',
      hint: 'choose another name with --name; or name another cluster for the Pods to be in with --context',
    },
  );
}

async function createIfFree<T>(
  provider: Provider,
  cluster: string,
  create: () => Promise<T>,
  dryRun: boolean,
): Promise<T> {
  // At once: where there are nodes somebody has the claim as well, and to say so is enough.
  const [nodes, claimed] = await Promise.allSettled([
    provider.listNodes(cluster),
    dryRun ? undefined : provider.claim?.(cluster),
  ]);
  const giveBack = claimed.status === 'fulfilled' ? claimed.value : undefined;
  if (nodes.status === 'rejected' || nodes.value.length > 0) {
    await giveBack?.().catch(() => {});
    throw nodes.status === 'rejected' ? nodes.reason : nameInUse(cluster);
  }
  if (claimed.status === 'rejected') throw claimed.reason;
  try {
    return await create();
  } catch (error) {
    await giveBack?.().catch(() => {});
    throw error;
  }
}

function nameInUse(cluster: string, details?: string): KinpodError {
  return new KinpodError(`node(s) already exist for a cluster with the name "${cluster}"`, {
    code: 'name-in-use',
    details,
    hint: `kinpod delete cluster --name ${cluster}, or choose another name`,
  });
}

/** Nodes that are Pods have names of their own in every namespace of every cluster. */
async function claimOf(provider: Provider, cluster: string): Promise<string> {
  const outer = await provider.outerCluster?.();
  const place = outer ? [outer.context ?? '', outer.namespace] : [];
  return join(runtimeDir(), `${provider.name}-cluster-${[...place, cluster].map(encodeURIComponent).join('+')}.lock`);
}
