import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createTarPacker, type TarHeader } from 'modern-tar';

/** A file of an image's layer. All belong to root. Directories above it need no entry of their own. */
export type LayerEntry =
  | { type: 'directory'; path: string; mode: number }
  | { type: 'file'; path: string; mode: number; source: string }
  | { type: 'file'; path: string; mode: number; content: string }
  | { type: 'symlink'; path: string; target: string };

/** A layer in a file. The digest of one that is not packed is also its diff ID. */
export interface Layer {
  path: string;
  /** Default: it is not. */
  packed?: 'gzip';
  /** `sha256:…` */
  digest: string;
  size: number;
}

/**
 * Order of the archive: by path, and every directory before what is in it. The same entries give the same bytes.
 * @throws Error if two entries have the same path: engines refuse such layers
 */
export function layerOrder(entries: readonly LayerEntry[]): LayerEntry[] {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    if (byPath.has(entry.path)) throw new Error(`two entries for ${entry.path} in one layer`);
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) {
    for (let dir = dirname(entry.path); dir !== '/' && !byPath.has(dir); dir = dirname(dir)) {
      byPath.set(dir, { type: 'directory', path: dir, mode: 0o755 });
    }
  }
  // Code points, not a locale's order. A directory is a prefix of what is in it, so it sorts before.
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Write a layer as a tar file.
 * @param madeAt modification time of every file: a constant one, so that equal layers are equal bytes
 */
export async function writeLayer(
  path: string,
  entries: readonly LayerEntry[],
  madeAt: Date,
  signal?: AbortSignal,
): Promise<Layer> {
  const { readable, controller } = createTarPacker();
  const digesting = new Digesting();
  // biome-ignore lint/suspicious/noExplicitAny: the DOM's and Node's ReadableStream are one class with two types
  const written = pipeline(Readable.fromWeb(readable as any), digesting.transform, createWriteStream(path), { signal });
  const filled = (async () => {
    for (const entry of layerOrder(entries)) {
      const header = await headerOf(entry, madeAt);
      const body = Writable.fromWeb(controller.add(header));
      await pipeline(bodyOf(entry), body, { signal });
    }
    controller.finalize();
  })().catch((error: unknown) => {
    controller.error(error);
    throw error;
  });
  await Promise.all([written, filled]);
  return { path, digest: digesting.digest(), size: digesting.size };
}

/** A tar file that something else has written. */
export async function describeLayer(path: string, signal?: AbortSignal): Promise<Layer> {
  const digesting = new Digesting();
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), digesting.consume, { signal });
  return { path, digest: digesting.digest(), size: digesting.size };
}

/** Bytes read at once. */
const CHUNK = 1024 * 1024;

class Digesting {
  readonly #hash = createHash('sha256');
  size = 0;

  readonly transform = async function* (this: Digesting, chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      this.#count(chunk);
      yield chunk;
    }
  }.bind(this);

  readonly consume = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) this.#count(chunk);
  };

  #count(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.size += chunk.length;
  }

  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

async function headerOf(entry: LayerEntry, mtime: Date): Promise<TarHeader> {
  const owner = { uid: 0, gid: 0, mtime };
  const name = entry.path.slice(1);
  switch (entry.type) {
    case 'directory':
      return { ...owner, name: `${name}/`, type: 'directory', mode: entry.mode, size: 0 };
    case 'symlink':
      return { ...owner, name, type: 'symlink', mode: 0o777, size: 0, linkname: entry.target };
    case 'file': {
      const size = 'source' in entry ? (await stat(entry.source)).size : Buffer.byteLength(entry.content);
      return { ...owner, name, type: 'file', mode: entry.mode, size };
    }
  }
}

function bodyOf(entry: LayerEntry): Readable {
  if (entry.type !== 'file') return Readable.from([]);
  if ('source' in entry) return createReadStream(entry.source, { highWaterMark: CHUNK });
  return Readable.from(entry.content === '' ? [] : [Buffer.from(entry.content)]);
}
