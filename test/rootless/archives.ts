import { basename, join } from 'node:path';
import { run } from '../../src/exec/run.ts';
import { cached } from './cache.ts';

/** A node image as a file that a virtual machine can have as a disk: podman reads an archive from any device. */
export interface ImageArchive {
  reference: string;
  id: string;
  path: string;
}

/** @returns undefined where this host's Podman has no such image */
export async function archiveOf(reference: string, signal: AbortSignal): Promise<ImageArchive | undefined> {
  const inspect = ['image', 'inspect', '--format', '{{.Id}}', reference];
  const { stdout: id, exitCode } = await run('podman', inspect, { allowFailure: true, signal });
  if (exitCode !== 0) return undefined;
  // One kind for each image: else the archive of the one would take the place of the other's.
  const kind = `archive-${basename(reference).replace(/[^\w.-]/g, '-')}`;
  const dir = await cached(kind, { texts: [id] }, async (into) => {
    await run(
      'podman',
      ['save', '--quiet', '--format', 'docker-archive', '--output', join(into, 'image.tar'), reference],
      {
        signal,
      },
    );
  });
  return { reference, id, path: join(dir, 'image.tar') };
}
