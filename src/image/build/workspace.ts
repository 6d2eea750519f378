import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../exec/run.ts';

/** Milliseconds after which something that no build has used is removed from the cache. */
const UNUSED_MS = 30 * 24 * 3600 * 1000;

/**
 * Parts of the cache: directories of things that are found by their key. At most so many are kept of each, the last used
 * ones: enough for half a dozen releases of Kubernetes (0.5 GB each), with packed and unpacked images of one (0.6 GB each).
 */
const KEPT = { debian: 8, programs: 20, modules: 6, stores: 4, downloads: 2 } as const;
export type CacheKind = keyof typeof KEPT;
const KINDS = Object.keys(KEPT) as CacheKind[];

/**
 * The build's part of the user's cache directory, and a place for things in the making beside it, on the same file system:
 * what is finished is moved into the cache by one rename, so the cache never holds half of anything.
 * To be used under the build's lock.
 */
export class Workspace {
  readonly root: string;
  readonly temporary: string;

  constructor(root: string) {
    this.root = root;
    this.temporary = join(root, 'tmp');
  }

  /** Make the directories, and remove what a killed build has left in the making. */
  async open(): Promise<void> {
    await removeTree(this.temporary);
    await mkdir(this.temporary, { recursive: true });
    for (const kind of KINDS) await mkdir(join(this.root, kind), { recursive: true });
  }

  /** An empty directory that is gone at the next {@link open}. Its name is lower-case: Podman makes image names of it. */
  async makeTemporary(name: string): Promise<string> {
    const dir = join(this.temporary, name);
    await mkdir(dir);
    return dir;
  }

  /** The thing with this key. If it is not there yet, `make` writes it (a file or a directory) to the path it gets. */
  async cached(kind: CacheKind, key: string, make: (path: string) => Promise<void>): Promise<string> {
    const path = this.path(kind, key);
    const now = new Date();
    try {
      await utimes(path, now, now);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const making = await mkdtemp(join(this.temporary, `${kind}-`));
    const unfinished = join(making, 'it');
    await make(unfinished);
    await rename(unfinished, path);
    await removeTree(making);
    return path;
  }

  /** Where the thing with this key is, if it is there. */
  path(kind: CacheKind, key: string): string {
    return join(this.root, kind, key);
  }

  async has(kind: CacheKind, key: string): Promise<boolean> {
    return stat(this.path(kind, key)).then(
      () => true,
      () => false,
    );
  }

  /** Remove what is in the making, and what will hardly be used again. */
  async close(): Promise<void> {
    await removeTree(this.temporary);
    for (const kind of KINDS) {
      const paths = (await readdir(join(this.root, kind))).map((name) => join(this.root, kind, name));
      const used = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
      used.sort((a, b) => b.at - a.at);
      for (const [rank, { path, at }] of used.entries()) {
        if (rank >= KEPT[kind] || Date.now() - at > UNUSED_MS) await removeTree(path);
      }
    }
  }
}

/**
 * Do the work of a build, under its lock. Nothing that was in the making is left, whatever happens.
 * @param engine what of it is left in the engine
 */
export async function withWorkspace<T>(
  workspace: Workspace,
  engine: { removeLeftovers(): Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  // A build that was killed could not do this itself.
  await engine.removeLeftovers();
  await workspace.open();
  try {
    return await work();
  } finally {
    await engine.removeLeftovers();
    await workspace.close();
  }
}

/** A short, stable name for anything that JSON can hold. */
export function keyOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Remove a directory with everything in it. Root file systems in the making hold directories without write permission
 * (Go's modules) and, without root, files of the user's subordinate ids.
 */
async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await run('podman', ['unshare', 'rm', '-rf', '--one-file-system', path]);
  }
}
