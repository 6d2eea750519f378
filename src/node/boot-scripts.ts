import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../exec/assets.ts';
import type { BootScripts } from './boot-input.ts';

/** The scripts and units that nodes get, from images/node/boot. */
export async function bootScripts(): Promise<BootScripts> {
  const dir = join(assetsDir(), 'images', 'node', 'boot');
  const [all, first, further] = await Promise.all([dir, join(dir, 'first'), join(dir, 'further')].map(textsIn));
  return { all: all ?? {}, first: first ?? {}, further: further ?? {} };
}

/** The files of a directory by name. */
async function textsIn(dir: string): Promise<Record<string, string>> {
  const files = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isFile());
  return Object.fromEntries(
    await Promise.all(files.map(async ({ name }) => [name, await readFile(join(dir, name), 'utf8')] as const)),
  );
}
