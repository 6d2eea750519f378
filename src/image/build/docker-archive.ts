import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import type { Layer } from './layer.ts';

/** An image of a `docker save` archive. */
export interface ArchivedImage {
  /** Its config as it is: the digest of these bytes is the image's ID. */
  config: string;
  /** Their digests are those of the bytes here, packed or not. */
  layers: readonly Omit<Layer, 'digest' | 'size'>[];
}

/**
 * The only image of an unpacked archive: https://github.com/moby/moby/blob/master/image/spec/v1.2.md
 * @throws {KinpodError} `bad-archive`
 */
export async function readDockerArchive(dir: string): Promise<ArchivedImage> {
  const bad = (why: string, cause?: unknown) =>
    new KinpodError('an image of the Kubernetes release cannot be read', {
      code: 'bad-archive',
      details: `${dir.split('/').at(-1)}: ${why}`,
      hint: 'is the archive damaged?',
      cause,
    });
  const inside = (path: string) => {
    if (path.split('/').includes('..')) throw bad(`"${path}" leads out of the archive`);
    return join(dir, path);
  };
  try {
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as {
      Config: string;
      Layers: string[];
    }[];
    const [image, ...others] = manifest;
    if (image === undefined || others.length > 0) throw bad(`${manifest.length} images instead of one`);
    const layers = image.Layers.map(async (name) => {
      const path = inside(name);
      return (await isGzip(path)) ? { path, packed: 'gzip' as const } : { path };
    });
    return { config: await readFile(inside(image.Config), 'utf8'), layers: await Promise.all(layers) };
  } catch (error) {
    throw error instanceof KinpodError ? error : bad(String(error), error);
  }
}

/** By the first two bytes: RFC 1952. */
async function isGzip(path: string): Promise<boolean> {
  if (!(await stat(path)).isFile()) throw new Error(`${path} is no file`);
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
