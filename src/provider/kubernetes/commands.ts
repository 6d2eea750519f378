import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../../exec/assets.ts';
import { entry, receiver } from '../entry.ts';
import type { NodeSpec } from '../provider.ts';
import { isMachine, VOLUME_PATH } from './manifest.ts';

/**
 * What node images run: kind's (images/base/Dockerfile) and kinpod's. The outer cluster does not tell what an image has there, and a
 * Pod that leaves it to the image cannot have another program run before.
 */
const IMAGE_COMMAND = ['/usr/local/bin/entrypoint', '/sbin/init'] as const;

/** Directories that are kept on the node's volume: all that a node's files are written to, and that its programs write much to. */
const KEPT = ['/var', '/kind', '/etc'] as const;

/** What a node's container runs: the programs that make a Pod a machine in a network of machines, one after the other, then the node's. */
export async function podCommand(spec: NodeSpec): Promise<string[]> {
  const [nest, name, overlay] = await Promise.all([
    script('nested', 'nest.sh'),
    script('node', 'pod', 'node.sh'),
    script('node', 'pod', 'overlay.sh'),
  ]);
  const whenComplete = await entry(['sh', '-c', overlay, 'overlay.sh', ...(spec.command ?? IMAGE_COMMAND)]);
  const named = ['sh', '-c', name, 'node.sh', spec.name, ...whenComplete];
  if (!isMachine(spec)) return named;
  return ['unshare', '--cgroup', '--', 'sh', '-c', nest, 'nest.sh', '--keep', VOLUME_PATH, ...KEPT, '--', ...named];
}

/** What takes a node's files at its stdin, as `receiver` does, in a Pod whose first programs may still be at work. */
export async function podReceiver(): Promise<string[]> {
  return ['sh', '-c', await script('node', 'pod', 'when-nested.sh'), 'when-nested.sh', ...(await receiver())];
}

/** The text of a script that is given to a Pod as an argument: images have no such file. */
export function script(...path: string[]): Promise<string> {
  return readFile(join(assetsDir(), 'images', ...path), 'utf8');
}
