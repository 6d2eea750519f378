import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../../src/exec/directories.ts';
import { run } from '../../src/exec/run.ts';

/** All that this lane keeps, and its log. */
export const LANE_DIR = join(cacheDir(), 'rootless');

/** What distinguishes one result from another: texts as they are, files by their content. */
export interface Ingredients {
  texts: readonly string[];
  files?: readonly string[];
}

/**
 * A directory that `make` fills once for the same ingredients. Of each kind one is kept: the others are what the last change left.
 * @returns its path
 */
export async function cached(
  kind: string,
  { texts, files = [] }: Ingredients,
  make: (dir: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(await readFile(file)).update('\0');
  const parent = join(LANE_DIR, kind);
  const dir = join(parent, hash.digest('hex').slice(0, 16));
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const entries = await readdir(parent);
  if (entries.includes(dir.slice(parent.length + 1))) return dir;
  for (const entry of entries) await removeTree(join(parent, entry));
  const unfinished = `${dir}.unfinished`;
  await mkdir(unfinished, { mode: 0o700 });
  await make(unfinished);
  await rename(unfinished, dir);
  return dir;
}

/** Debian's trees have files in directories without write permission, at which Node.js gives up where it is not root. */
async function removeTree(path: string): Promise<void> {
  await run('chmod', ['-R', 'u+w', path], { allowFailure: true });
  await rm(path, { recursive: true, force: true });
}
