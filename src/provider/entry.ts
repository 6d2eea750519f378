import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../exec/assets.ts';
import { archiveOf } from '../node/archive.ts';
import type { NodeFile } from '../node/node-file.ts';

/** Comes last of a node's files: with it they are complete. */
const COMPLETE: NodeFile = { path: '/kind/kinpod/complete', content: '' };

/** What a container runs as its first process: `command`, held back until the node has its files. */
export async function entry(command: readonly string[]): Promise<string[]> {
  return ['sh', '-c', await script('enter.sh'), 'enter.sh', ...command];
}

/** What takes {@link parcel} at its stdin, and lets the first process go on. */
export async function receiver(): Promise<string[]> {
  return ['sh', '-c', await script('receive.sh')];
}

/** A node's files as `receiver` takes them. */
export function parcel(files: readonly NodeFile[]): Promise<Uint8Array> {
  return archiveOf([...files, COMPLETE]);
}

/** Given as an argument: images have no such file. */
function script(name: string): Promise<string> {
  return readFile(join(assetsDir(), 'images', 'node', 'entry', name), 'utf8');
}
