import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDir } from '../../exec/directories.ts';
import type { OuterNode } from '../provider.ts';
import { hashOf } from './names.ts';
import type { ImageFacts } from './probe.ts';

/** Of what is kept. Another version of kinpod's is not read. */
const FORMAT = '2';

/**
 * Under what the facts of an image are kept, as long as the outer nodes list the same image and have not been started again; undefined
 * where none lists it. A Pod that looks takes a second, the list is there anyhow.
 */
export function imageKey(nodes: readonly OuterNode[], reference: string): string | undefined {
  const seen = nodes.flatMap(({ metadata, status }) =>
    (status?.images ?? [])
      .filter((image) => image.names?.some((name) => isName(name, reference)))
      .map((image) => [metadata.name, status?.nodeInfo?.bootID, image.sizeBytes, ...(image.names ?? [])].join(' ')),
  );
  return seen.length === 0 ? undefined : hashOf(FORMAT, reference, ...seen.sort()).toString('hex');
}

/** Nodes list full names: with Docker Hub and the tag `latest` where a reference leaves them out. */
function isName(full: string, reference: string): boolean {
  return ['', 'docker.io/', 'docker.io/library/'].some((head) =>
    [reference, `${reference}:latest`].some((one) => full === `${head}${one}`),
  );
}

export async function readKnown(key: string): Promise<ImageFacts | undefined> {
  const text = await readFile(fileOf(key), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ImageFacts);
}

export async function writeKnown(key: string, facts: ImageFacts): Promise<void> {
  const path = fileOf(key);
  await mkdir(dirname(path), { recursive: true });
  // Moved in place when whole, for who reads it meanwhile.
  await writeFile(`${path}.${process.pid}`, JSON.stringify(facts));
  await rename(`${path}.${process.pid}`, path);
}

function fileOf(key: string): string {
  return join(cacheDir(), 'images-of-pods', `${key}.json`);
}
