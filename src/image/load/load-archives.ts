import type { Readable } from 'node:stream';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { type ArchiveContents, type ArchivedImage, imagesOf, readContents } from './archive-contents.ts';
import { ArchiveFile } from './archive-file.ts';
import { deliver } from './deliver.ts';
import { fanOut } from './fan-out.ts';
import { type LoadedImages, type LoadRequest, lacking } from './load-images.ts';
import { findTargets, type Target } from './targets.ts';
import { nodesText, TransferProgress } from './transfer-progress.ts';

export interface ArchivesRequest extends LoadRequest {
  /** Read where a path is `-`. */
  stdin?: Readable | undefined;
}

/**
 * Load the images of archives into nodes that do not have them, one archive after the other.
 * @param paths files in Docker's or OCI's layout, also compressed; `-` for stdin
 * @throws {KinpodError} `no-such-file`, `not-an-image-archive`, `unreadable-archive`, `incomplete-archive`, `no-such-cluster`,
 *   `no-such-node`, `node-stopped`, `load-failed`
 */
export async function loadArchives(paths: readonly string[], request: ArchivesRequest): Promise<LoadedImages> {
  const { provider, cluster, nodes, stdin, signal } = request;
  const archives: ArchiveFile[] = [];
  try {
    for (const path of new Set(paths)) archives.push(await ArchiveFile.open(path, stdin, signal));
    const targets = await findTargets(provider, cluster, nodes, signal, (name) => name);
    const loaded = Object.fromEntries(targets.map(({ node }): [string, string[]] => [node, []]));
    for (const archive of archives) {
      const sent = await loadArchive(archive, targets, request);
      for (const { target, images } of sent) loaded[target.node]?.push(...images.map((one) => one.label));
    }
    return { loaded };
  } finally {
    await Promise.all(archives.map((archive) => archive[Symbol.asyncDispose]()));
  }
}

async function loadArchive(
  archive: ArchiveFile,
  targets: readonly Target[],
  { progress, signal }: LoadRequest,
): Promise<{ target: Target; images: ArchivedImage[] }[]> {
  const images = imagesOf(await contentsOf(archive, signal), targets[0]?.runtime.platform ?? '', archive.label);
  const lacks = await lacking(targets, images, { progress, signal });
  // An archive is taken as a whole.
  const receivers = targets.filter((target) => (lacks.get(target) ?? []).length > 0);
  if (receivers.length === 0) return [];
  refuseIncomplete(images, archive.label);
  const what = `${archive.label} into ${nodesText(receivers.length)}`;
  const transfer = new TransferProgress(progress, what, archive.bytes, false);
  await transfer.during(() =>
    deliver(
      (sinks) => archive.read((stream) => fanOut(stream, sinks), { signal, onBytes: (bytes) => transfer.add(bytes) }),
      { targets: receivers, images, signal },
    ),
  );
  return receivers.map((target) => ({ target, images }));
}

async function contentsOf(archive: ArchiveFile, signal: AbortSignal | undefined): Promise<ArchiveContents> {
  try {
    return await archive.read(readContents, { signal });
  } catch (error) {
    if (error instanceof KinpodError) throw error;
    signal?.throwIfAborted();
    throw new KinpodError(`${archive.label} is not an image archive, or has been cut short`, {
      code: 'not-an-image-archive',
      details: error instanceof Error ? error.message : undefined,
      cause: error,
    });
  }
}

function refuseIncomplete(images: readonly ArchivedImage[], label: string): void {
  const broken = images.find((image) => image.missing.length > 0);
  if (!broken) return;
  throw new KinpodError(
    `${label} does not have all of the image "${broken.label}" (${broken.platform ?? 'any platform'})`,
    {
      code: 'incomplete-archive',
      details: `missing: ${broken.missing.join(', ')}`,
      hint: 'pull the image for this platform and save it again: docker save --platform OS/ARCH',
    },
  );
}
