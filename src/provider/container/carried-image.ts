import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { run } from '../../exec/run.ts';
import type { NodeAllowances } from '../provider.ts';
import type { EngineFacts } from './engine.ts';

/** File of the pod image with the name of the node image in it, see src/image/pod/contents.ts. */
const NAME_FILE = '/usr/local/share/kinpod/node-image.name';

/** Program of the pod image that prints the archive: images/pod/rootfs. */
export const PRINT_NODE_IMAGE = 'kinpod-node-image';

/** Where the program unpacks what it cannot mount. Without a name: it goes with the container. */
const VOLUME = '/var/lib/containers';

/** Name of the node image that is in this container's image. Undefined: there is none. */
export async function carriedImage(): Promise<string | undefined> {
  return (await readFile(NAME_FILE, 'utf8').catch(() => '')).trim() || undefined;
}

/** By hand, on the machine of the engine. @param podImage a reference of the pod image there */
export function bringByHand({ command }: Pick<EngineFacts, 'command'>, podImage: string): string {
  const print = `run --rm --privileged --log-driver none --volume ${VOLUME} --entrypoint ${PRINT_NODE_IMAGE}`;
  return `${command} ${print} ${podImage} | ${command} load`;
}

/**
 * Give an engine outside of this container the node image that is in this container's image: a privileged container of that
 * image prints it, for this one may not mount what it lies in.
 * @param podImage this container's image, as the engine knows it
 * @throws CommandError of what could not print or load it
 */
export async function bringNodeImage(
  engine: EngineFacts,
  podImage: string,
  allowed: NodeAllowances,
  signal?: AbortSignal,
): Promise<void> {
  const name = `kinpod-node-image-${randomBytes(4).toString('hex')}`;
  const print = [
    ...['run', '--rm', '--name', name, '--network=none', '--volume', VOLUME],
    // Else the engine keeps what is printed, a gigabyte.
    '--log-driver=none',
    ...engine.privileges(allowed),
    ...engine.limits(allowed),
    ...['--entrypoint', PRINT_NODE_IMAGE, podImage],
  ];
  const load = async (archive: Readable) =>
    void (await run(engine.command, ['load', '--quiet'], { input: archive, signal }));
  try {
    await run(engine.command, print, { consume: load, signal });
  } catch (error) {
    // Where its client was ended it may still be at work.
    await run(engine.command, ['rm', '--force', '--volumes', ...engine.removeAtOnce, name], { allowFailure: true });
    throw error;
  }
}
