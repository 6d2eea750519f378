import { createHash } from 'node:crypto';
import { packTar } from 'modern-tar';

/** Processor architectures by their OCI names; this machine's is the nodes'. */
const OWN_ARCH = process.arch === 'x64' ? 'amd64' : process.arch;
export const OTHER_ARCH = OWN_ARCH === 'amd64' ? 'arm64' : 'amd64';

interface Blob {
  digest: string;
  data: Uint8Array;
}

/** One platform's image: a layer with a program and a file, and what describes it. */
export interface MadeImage {
  arch: string;
  id: string;
  config: Blob;
  layer: Blob;
  manifest: Blob;
}

/** An image that runs a busybox, which wants to be called by that name. `text` makes it differ from others. */
export async function makeImage(
  busybox: Uint8Array,
  args: readonly string[],
  text: string,
  arch: string = OWN_ARCH,
): Promise<MadeImage> {
  const layer = blob(
    await packTar([
      { header: { name: 'busybox', size: busybox.length, type: 'file', mode: 0o755 }, body: busybox },
      { header: { name: 'text', size: Buffer.byteLength(text), type: 'file', mode: 0o644 }, body: text },
    ]),
  );
  const config = json({
    architecture: arch,
    os: 'linux',
    config: { Entrypoint: ['/busybox', ...args] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [descriptor(layer, 'application/vnd.oci.image.layer.v1.tar')],
  });
  return { arch, id: config.digest, config, layer, manifest };
}

/** What `docker save` wrote before it knew OCI's layout, and `podman save` writes. */
export async function dockerArchive(images: readonly { name?: string; image: MadeImage }[]): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const manifest = images.map(({ name, image }) => {
    const [config, layer] = [`${hex(image.config)}.json`, `${hex(image.layer)}.tar`];
    files.set(config, image.config.data).set(layer, image.layer.data);
    return { Config: config, RepoTags: name ? [name] : null, Layers: [layer] };
  });
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  return tar(files);
}

/**
 * An OCI layout with one image for several platforms, as `docker save` writes it with the containerd store.
 * @param absent platforms that were never pulled: the index names them, and none of their blobs is there (kind issue 3795)
 */
export async function multiPlatformArchive(
  name: string,
  present: readonly MadeImage[],
  absent: readonly MadeImage[],
): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>([['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')]]);
  const add = (one: Blob) => files.set(`blobs/sha256/${hex(one)}`, one.data);
  for (const { config, layer, manifest } of present) [config, layer, manifest].map(add);
  const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
  const INDEX = 'application/vnd.oci.image.index.v1+json';
  const index = json({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [...absent, ...present].map(({ manifest, arch }) => ({
      ...descriptor(manifest, MANIFEST),
      platform: { os: 'linux', architecture: arch },
    })),
  });
  add(index);
  const top = { ...descriptor(index, INDEX), annotations: { 'io.containerd.image.name': name } };
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [top] })));
  return tar(files);
}

function tar(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  return packTar([...files].map(([name, body]) => ({ header: { name, size: body.length, type: 'file' }, body })));
}

function blob(data: Uint8Array): Blob {
  return { data, digest: `sha256:${createHash('sha256').update(data).digest('hex')}` };
}

function json(value: unknown): Blob {
  return blob(Buffer.from(JSON.stringify(value)));
}

function descriptor({ digest, data }: Blob, mediaType: string) {
  return { mediaType, digest, size: data.length };
}

function hex({ digest }: Blob): string {
  return digest.replace('sha256:', '');
}
