import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

interface Blob {
  digest: string;
}

/**
 * An OCI layout with one image as the archive that `docker load` reads, as it comes. Docker takes OCI layouts only since
 * version 25; of the same files it needs another list of contents, `manifest.json`, which is put beside them.
 */
export async function archiveOfLayout(layout: string): Promise<Readable> {
  const read = async <T>(path: string) => JSON.parse(await readFile(join(layout, path), 'utf8')) as T;
  const index = await read<{ manifests: [Blob] }>('index.json');
  const manifest = await read<{ config: Blob; layers: Blob[] }>(pathOf(index.manifests[0]));
  const contents = [{ Config: pathOf(manifest.config), RepoTags: null, Layers: manifest.layers.map(pathOf) }];
  await writeFile(join(layout, 'manifest.json'), JSON.stringify(contents));
  return outputOf('tar', ['--create', '--directory', layout, 'manifest.json', 'blobs']);
}

function pathOf({ digest }: Blob): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** What a program prints, as it comes. It fails where the program does: half of an archive must not look whole. */
function outputOf(program: string, args: readonly string[]): Readable {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const code = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  code.catch(() => {});
  return Readable.from(
    (async function* () {
      yield* child.stdout;
      if ((await code) !== 0) throw new Error(`${program} failed with exit code ${await code}`);
    })(),
    { objectMode: false },
  );
}
