import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createTarDecoder } from 'modern-tar';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { fullName } from './reference.ts';
import type { WantedImage } from './wanted.ts';

/** What is kept of an archive: names, and the small JSON documents that say what the images are. */
export interface ArchiveContents {
  /** Every file and link in it. */
  names: ReadonlySet<string>;
  documents: ReadonlyMap<string, Uint8Array>;
}

/** Configurations and manifests have kilobytes; containerd's limit for reading one is 8 MiB (its MaxManifestSize). */
const DOCUMENT_LIMIT = 8 * 1024 * 1024;
const OPENING_BRACKETS = '{[';

/** Read through an archive, keeping little of it. */
export async function readContents(archive: Readable): Promise<ArchiveContents> {
  const names = new Set<string>();
  const documents = new Map<string, Uint8Array>();
  const entries = Readable.toWeb(archive).pipeThrough(createTarDecoder() as never) as ReadableStream<{
    header: { name: string; size: number; type?: string };
    body: ReadableStream<Uint8Array>;
  }>;
  for await (const { header, body } of entries) {
    const name = header.name.replace(/^(\.?\/)+/, '');
    if (header.type !== 'directory') names.add(name);
    const document = header.size <= DOCUMENT_LIMIT ? await readDocument(body) : undefined;
    if (document) documents.set(name, document);
    else await body.cancel();
  }
  return { names, documents };
}

/** The whole body if it looks like JSON; layers, which do not, are left after the first piece. */
async function readDocument(body: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body.values({ preventCancel: true })) {
    if (pieces.length === 0 && !OPENING_BRACKETS.includes(String.fromCharCode(piece[0] ?? 0))) return undefined;
    pieces.push(piece);
  }
  return pieces.length > 0 ? Buffer.concat(pieces) : undefined;
}

/** An image of an archive, as nodes of one platform get it. */
export interface ArchivedImage extends WantedImage {
  /** Blobs that it needs and that are not in the archive. */
  missing: readonly string[];
}

interface Descriptor {
  mediaType?: string;
  digest: string;
  platform?: { os?: string; architecture?: string };
  annotations?: Record<string, string>;
}

/** Of an index, a manifest, or a configuration: what is looked at here. */
interface Document {
  manifests?: Descriptor[];
  config?: Descriptor;
  layers?: Descriptor[];
  os?: string;
  architecture?: string;
}

/**
 * The images of an archive.
 * @param platform of the nodes, `linux/amd64`: what is in the archive for others does not matter
 * @throws {KinpodError} `not-an-image-archive`
 */
export function imagesOf(contents: ArchiveContents, platform: string, label: string): ArchivedImage[] {
  // containerd's order: an archive that has both, as Docker 25 and newer write them, is an OCI layout.
  const index = contents.names.has('oci-layout') ? readJson<Document>(contents, 'index.json') : undefined;
  if (index) return fromLayout(contents, index, platform, label);
  const manifests = readJson<DockerManifest[]>(contents, 'manifest.json');
  if (Array.isArray(manifests)) return manifests.map((one) => fromDocker(contents, one, label));
  throw new KinpodError(`${label} is not an image archive: it has neither a manifest.json nor an OCI layout`, {
    code: 'not-an-image-archive',
    hint: 'docker save IMAGE -o FILE, or podman save, writes one; what docker export writes has no image',
  });
}

interface DockerManifest {
  Config: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
}

function fromDocker(contents: ArchiveContents, one: DockerManifest, label: string): ArchivedImage {
  const config = contents.documents.get(one.Config);
  const names = (one.RepoTags ?? []).map(fullName);
  return {
    label: names[0] ?? label,
    names,
    id: config && `sha256:${createHash('sha256').update(config).digest('hex')}`,
    platform: platformOf(readJson<Document>(contents, one.Config)),
    missing: [one.Config, ...(one.Layers ?? [])].filter((path) => !contents.names.has(path)),
  };
}

function fromLayout(contents: ArchiveContents, index: Document, platform: string, label: string): ArchivedImage[] {
  // Several entries may lead to the same image under different names.
  const byDigest = new Map<string, { top: Descriptor; names: string[] }>();
  for (const top of (index.manifests ?? []).filter(isImage)) {
    const known = byDigest.get(top.digest) ?? { top, names: [] };
    byDigest.set(top.digest, { top, names: [...known.names, ...namesOf(top)] });
  }
  return [...byDigest.values()].map(({ top, names }) => {
    const chosen = choose(contents, top, platform);
    const manifest = readJson<Document>(contents, blobPath(chosen.digest));
    const config = manifest?.config;
    const own = platformOf(chosen.platform) ?? (config && platformOf(readJson(contents, blobPath(config.digest))));
    const needed = [top, chosen, ...(config ? [config] : []), ...(manifest?.layers ?? [])].map((one) => one.digest);
    return {
      label: names[0] ?? label,
      names,
      id: config?.digest,
      platform: own,
      missing: [...new Set(needed)].filter((digest) => !contents.names.has(blobPath(digest))),
    };
  });
}

/** The manifest for a platform below an index, else the first image that is there: it may run by emulation. */
function choose(contents: ArchiveContents, descriptor: Descriptor, platform: string): Descriptor {
  const below = readJson<Document>(contents, blobPath(descriptor.digest))?.manifests?.filter(isImage);
  if (!below || below.length === 0) return descriptor;
  const next =
    below.find((one) => platformOf(one.platform) === platform) ??
    below.find((one) => one.platform === undefined) ??
    below.find((one) => contents.names.has(blobPath(one.digest))) ??
    below[0];
  return next ? choose(contents, next, platform) : descriptor;
}

/** What BuildKit attests about an image lies beside it as if it were one for a platform of its own. */
function isImage({ platform, annotations }: Descriptor): boolean {
  return platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] === undefined;
}

/** containerd's annotation, else OCI's where it holds more than a tag: a tag alone names nothing that a pod could ask for. */
function namesOf({ annotations }: Descriptor): string[] {
  const name = annotations?.['io.containerd.image.name'];
  const reference = annotations?.['org.opencontainers.image.ref.name'];
  if (name) return [fullName(name)];
  return reference && /[/:@]/.test(reference) ? [fullName(reference)] : [];
}

function platformOf(one: { os?: string; architecture?: string } | undefined): string | undefined {
  return one?.os && one.architecture ? `${one.os}/${one.architecture}` : undefined;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function readJson<T>(contents: ArchiveContents, path: string): T | undefined {
  const document = contents.documents.get(path);
  if (!document) return undefined;
  try {
    return JSON.parse(Buffer.from(document).toString()) as T;
  } catch {
    return undefined; // A layer may happen to begin like JSON.
  }
}
