import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeName } from '../../node/runtime/runtimes.ts';
import type { BuildAssets } from './assets.ts';
import type { ContainerImage, LayerSource } from './container-images.ts';
import { readDockerArchive } from './docker-archive.ts';
import type { BuildEngine } from './engine.ts';
import { describeLayer, type Layer, writeLayer } from './layer.ts';
import type { ImageStore } from './node-runtime.ts';
import { type LayoutImage, writeOciLayout } from './oci-layout.ts';

/** Write images as one OCI layout. A layer that several images have by the same object is written once. */
export async function writeImages(
  images: readonly ContainerImage[],
  into: string,
  madeAt: Date,
  signal: AbortSignal | undefined,
  detail: (text: string) => void,
): Promise<void> {
  const layerDir = join(into, 'layers');
  await mkdir(layerDir, { recursive: true });
  const written = new Map<LayerSource, Layer>();
  const layerOf = async (source: LayerSource): Promise<Layer> => {
    const known = written.get(source);
    if (known) return known;
    const path = join(layerDir, `${written.size}.tar`);
    const layer =
      'tar' in source
        ? await describeLayer(source.tar, signal)
        : await writeLayer(path, source.entries, madeAt, signal);
    written.set(source, layer);
    return layer;
  };
  const layoutImages: LayoutImage[] = [];
  for (const image of images) {
    detail(image.name);
    const layers: Layer[] = [];
    if ('archive' in image) {
      const archived = await readDockerArchive(image.archive);
      for (const layer of archived.layers) layers.push({ ...layer, ...(await describeLayer(layer.path, signal)) });
      layoutImages.push({ name: image.name, config: archived.config, layers });
    } else {
      for (const source of image.layers) layers.push(await layerOf(source));
      layoutImages.push({ name: image.name, config: image.config, layers });
    }
  }
  await writeOciLayout(join(into, 'layout'), layoutImages, madeAt);
}

export interface StoreOptions {
  engine: BuildEngine;
  assets: BuildAssets;
  runtime: RuntimeName;
  /** ID of an image with the runtime and its configuration, as nodes have them. */
  image: string;
  imageStore: ImageStore;
  /** OCI layout with the images. */
  layout: string;
  /** Directory that the container writes to. */
  into: string;
  signal?: AbortSignal | undefined;
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Let the runtime take the images, once for all nodes.
 * @returns path of a tar with its part of /var and, unpacked, /kind/seed
 */
export async function makeImageStore(options: StoreOptions): Promise<string> {
  const { engine, assets, runtime, image, imageStore, layout, into, signal, onLine } = options;
  await engine.run({
    image,
    binds: {
      '/kinpod/images': layout,
      '/kinpod/out': into,
      '/kinpod/store-images.sh': assets.path('runtimes', runtime, 'store-images.sh'),
    },
    volume: '/kinpod/work',
    argv: ['/bin/sh', '/kinpod/store-images.sh', imageStore, '/kinpod/images', '/kinpod/work', '/kinpod/out/store.tar'],
    signal,
    onLine,
  });
  return join(into, 'store.tar');
}
