import { join } from 'node:path';
import { cacheDir } from '../../exec/directories.ts';
import { run } from '../../exec/run.ts';
import { debianTrees } from './debian.ts';
import { GO_ENV } from './programs.ts';
import { programParts, type Recipe } from './recipe.ts';
import type { Workspace } from './workspace.ts';

const GIB = 1024 ** 3;

/** Measured for Kubernetes 1.36: Go keeps 5.5 GiB of compiled packages and 3.5 GiB of sources, kinpod 1.7 GiB and 1.6 GiB while it works. */
const COLD_CACHE_BYTES = 12 * GIB;
const WARM_CACHE_BYTES = 2 * GIB;
/** The image has 1.1 GiB; while it is made, its images are unpacked in a volume too. */
export const STORAGE_BYTES = 2 * GIB;

/** Where the build keeps what it can use again. */
export function buildCacheDir(): string {
  return join(cacheDir(), 'node-image');
}

/** Bytes that the caches may grow by. @param parts those that are not in the cache */
export function cacheBytesFor(parts: readonly string[]): number {
  return parts.some((part) => part.startsWith('compile-')) ? COLD_CACHE_BYTES : WARM_CACHE_BYTES;
}

/** Directories that grow: kinpod's cache and Go's. */
export async function cachePlaces(): Promise<string[]> {
  const go = await run('go', ['env', 'GOCACHE', 'GOMODCACHE'], { env: GO_ENV, allowFailure: true }).catch(
    () => undefined,
  );
  return [buildCacheDir(), ...(go?.stdout.split('\n').filter(Boolean) ?? [])];
}

/** Parts of a build, in order, whose results are not in the cache. */
export async function missingParts(recipe: Recipe, workspace: Workspace): Promise<string[]> {
  const parts: string[] = [];
  for (const tree of debianTrees(recipe.runtime)) {
    if (!(await workspace.has('debian', recipe.debian[tree.name] ?? ''))) parts.push(`debian-${tree.name}`);
  }
  for (const { name } of programParts(recipe.kubernetes, recipe.runtime)) {
    if (!(await workspace.has('programs', recipe.programs[name] ?? ''))) parts.push(`compile-${name}`);
  }
  if (!(await workspace.has('stores', recipe.store))) parts.push('container-images', 'node-base', 'image-store');
  return [...parts, 'node-image'];
}
