import type { Readable } from 'node:stream';
import { loadArchives as loadArchivesInto } from '../image/load/load-archives.ts';
import { type LoadedImages, type LoadRequest, loadImages as loadImagesInto } from '../image/load/load-images.ts';
import { type CommonOptions, openSession } from './session.ts';

export interface LoadOptions extends CommonOptions {
  /** Names of the nodes to load into. Default: all of the cluster. */
  nodes?: readonly string[] | undefined;
}

/**
 * Load images of this host's engines into a cluster: of the engine that the cluster runs on, else of another that has them.
 * @throws {KinpodError} `image-not-present`, `no-such-cluster`, `no-such-node`, `node-stopped`, `load-failed`
 */
export async function loadImages(
  cluster: string,
  images: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedImages> {
  return loadImagesInto(images, await requestFor(cluster, options));
}

/**
 * Load image archives, Docker's or OCI's, also compressed, into a cluster.
 * @param paths files; `-` for `options.stdin`
 * @throws {KinpodError} `no-such-file`, `not-an-image-archive`, `unreadable-archive`, `incomplete-archive`, and what loadImages throws
 */
export async function loadArchives(
  cluster: string,
  paths: readonly string[],
  options: LoadOptions & { stdin?: Readable | undefined } = {},
): Promise<LoadedImages> {
  return loadArchivesInto(paths, { ...(await requestFor(cluster, options)), stdin: options.stdin });
}

async function requestFor(cluster: string, options: LoadOptions): Promise<LoadRequest> {
  const { provider, progress, signal } = await openSession(options);
  return { provider, cluster, nodes: options.nodes ?? [], progress, signal };
}
