import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../../exec/assets.ts';
import { entry, receiver } from '../entry.ts';
import { isMachine, type NodeSpec } from '../provider.ts';
import { VOLUME_PATH } from './manifest.ts';

/**
 * What node images run: kind's (images/base/Dockerfile) and kinpod's. The outer cluster does not tell what an image has there, and a
 * Pod that leaves it to the image cannot have another program run before.
 */
const IMAGE_COMMAND = ['/usr/local/bin/entrypoint', '/sbin/init'] as const;

/** Directories that are kept on the node's volume: all that a node's files are written to, and that its programs write much to. */
const KEPT = ['/var', '/kind', '/etc'] as const;

/** What a node's container runs: the programs that make a Pod a machine in a network of machines, one after the other, then the node's. */
export async function podCommand(spec: NodeSpec): Promise<string[]> {
  const overlaid = await run('overlay.sh', ...(spec.command ?? IMAGE_COMMAND));
  const whenComplete = await entry(overlaid);
  const limited = isMachine(spec) ? await run('limits.sh', ...whenComplete) : whenComplete;
  const named = await run('node.sh', spec.name, ...limited);
  if (!isMachine(spec)) return named;
  const nest = await script('nested', 'nest.sh');
  return ['unshare', '--cgroup', '--', 'sh', '-c', nest, 'nest.sh', '--keep', VOLUME_PATH, ...KEPT, '--', ...named];
}

/** A script of images/node/pod with its arguments. */
async function run(name: string, ...args: string[]): Promise<string[]> {
  return ['sh', '-c', await script('node', 'pod', name), name, ...args];
}

/**
 * What takes a node's files at its stdin, as `receiver` does, in a Pod whose first programs may still be at work.
 * @param withinMs milliseconds that those may take
 */
export async function podReceiver(withinMs: number): Promise<string[]> {
  return run('when-nested.sh', String(Math.ceil(withinMs / 1000)), ...(await receiver()));
}

/** The text of a script that is given to a Pod as an argument: images have no such file. */
export function script(...path: string[]): Promise<string> {
  return readFile(join(assetsDir(), 'images', ...path), 'utf8');
}
