import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unpackTar } from 'modern-tar/fs';
import type { RunOptions, RunResult } from '../../exec/run.ts';

/**
 * Copy a file out of a node, with its mode; or the content of a directory, for a path that ends with `/.`, into a directory.
 * @param exec runs a program in the node
 */
export async function copyOut(
  exec: (argv: readonly string[], options: RunOptions) => Promise<RunResult>,
  path: string,
  destination: string,
): Promise<void> {
  const unpack = (from: string, what: string, into: string) =>
    exec(['tar', '--create', '--file=-', `--directory=${from}`, what], {
      consume: (archive) => pipeline(archive, unpackTar(into)),
    });
  if (path.endsWith('/.')) {
    await unpack(dirname(path), '.', destination);
    return;
  }
  // Beside it, so that it can be moved; it appears when it is whole.
  const aside = await mkdtemp(join(dirname(destination), '.copy-'));
  try {
    await unpack(dirname(path), basename(path), aside);
    await rename(join(aside, basename(path)), destination);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
