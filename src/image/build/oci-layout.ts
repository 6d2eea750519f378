import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageConfig } from './container-images.ts';
import type { Layer } from './layer.ts';

/** Stands in the history of every layer that a build makes. */
export const CREATED_BY = 'kinpod build node-image';

export interface LayoutImage {
  /** Reference under which it is imported. Undefined: none. */
  name?: string | undefined;
  /** A text is a whole config that stays as it is. */
  config: ImageConfig | string;
  layers: readonly Layer[];
}

const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** A small blob: JSON, addressed by its digest. */
interface Blob extends Descriptor {
  content: string;
}

/** Processor architecture as Go and OCI name it. */
export function goArch(arch: NodeJS.Architecture = process.arch): string {
  return arch === 'x64' ? 'amd64' : arch;
}

/** Config and manifest of an image. Pure: the same image gives the same digests. */
function imageBlobs(image: LayoutImage, madeAt: Date): { config: Blob; manifest: Blob } {
  const platform = { architecture: goArch(), os: 'linux' };
  const made = () => ({
    created: madeAt.toISOString(),
    ...platform,
    config: image.config,
    rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => layer.digest) },
    history: image.layers.map(() => ({ created: madeAt.toISOString(), created_by: CREATED_BY })),
  });
  const config = blob(MEDIA_TYPES.config, typeof image.config === 'string' ? image.config : JSON.stringify(made()));
  const layers = image.layers.map(({ digest, size, packed }) => ({
    mediaType: packed ? (`${MEDIA_TYPES.layer}+${packed}` as const) : MEDIA_TYPES.layer,
    digest,
    size,
  }));
  const manifest = blob(
    MEDIA_TYPES.manifest,
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: descriptor(config), layers }),
  );
  return { config, manifest };
}

/**
 * Write images as an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), which
 * Podman, containerd and Docker read. Layers are linked into it where the file system allows, so it costs no room.
 */
export async function writeOciLayout(dir: string, images: readonly LayoutImage[], madeAt: Date): Promise<void> {
  const path = (digest: string) => join(dir, 'blobs', 'sha256', digest.replace('sha256:', ''));
  await mkdir(join(dir, 'blobs', 'sha256'), { recursive: true });
  const layers = new Map(images.flatMap((image) => image.layers.map((layer) => [layer.digest, layer.path])));
  for (const [digest, source] of layers) await linkOrCopy(source, path(digest));

  const manifests = [];
  for (const image of images) {
    const { config, manifest } = imageBlobs(image, madeAt);
    await writeFile(path(config.digest), config.content);
    await writeFile(path(manifest.digest), manifest.content);
    const annotations = image.name === undefined ? {} : { annotations: namedBy(image.name) };
    manifests.push({
      ...descriptor(manifest),
      platform: { architecture: goArch(), os: 'linux' },
      ...annotations,
    });
  }
  await writeFile(
    join(dir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests }),
  );
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

/** containerd goes by the first, skopeo by the second. */
function namedBy(name: string): Record<string, string> {
  return { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
}

function blob(mediaType: string, content: string): Blob {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { mediaType, digest, size: Buffer.byteLength(content), content };
}

function descriptor({ mediaType, digest, size }: Blob): Descriptor {
  return { mediaType, digest, size };
}

async function linkOrCopy(source: string, to: string): Promise<void> {
  // A link to a symbolic link would be one too, and lead nowhere where the layout is read.
  const from = await realpath(source);
  try {
    await link(from, to);
  } catch (error) {
    // Another file system, or one without hard links.
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
  }
}
