import { join } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';
import { runtimeDir } from '../exec/directories.ts';
import { removeStaleLock, withLock } from '../exec/lock.ts';
import type { Provider } from '../provider/provider.ts';

/**
 * Create a cluster as the only one that does so under its name: a second create must not find a name free that is about to be
 * taken, and then undo what is not its own.
 * @throws {KinpodError} `name-in-use` if there is such a cluster, or another process is creating one
 */
export async function withClaimedName<T>(provider: Provider, cluster: string, create: () => Promise<T>): Promise<T> {
  try {
    return await withLock(claimOf(provider, cluster), () => createIfFree(provider, cluster, create), { withinMs: 0 });
  } catch (error) {
    if (!(error instanceof KinpodError) || error.code !== 'lock-held') throw error;
    throw nameInUse(cluster, 'another kinpod is creating it');
  }
}

/** What a create that was killed left of its claim. */
export function removeStaleClaim(provider: Provider, cluster: string): Promise<void> {
  return removeStaleLock(claimOf(provider, cluster));
}

async function createIfFree<T>(provider: Provider, cluster: string, create: () => Promise<T>): Promise<T> {
  if ((await provider.listNodes(cluster)).length > 0) throw nameInUse(cluster);
  return create();
}

function nameInUse(cluster: string, details?: string): KinpodError {
  return new KinpodError(`node(s) already exist for a cluster with the name "${cluster}"`, {
    code: 'name-in-use',
    details,
    hint: `kinpod delete cluster --name ${cluster}, or choose another name`,
  });
}

function claimOf(provider: Provider, cluster: string): string {
  return join(runtimeDir(), `${provider.name}-cluster-${cluster}.lock`);
}
