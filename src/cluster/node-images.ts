import type { ClusterConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import { assetsDir } from '../exec/assets.ts';
import { commandLine } from '../exec/command-line.ts';
import {
  type BuildNodeImageOptions,
  type BuiltNodeImage,
  buildNodeImage as build,
  DEFAULT_KUBERNETES_VERSION,
  defaultImageName,
} from '../image/build/build-node-image.ts';
import { imageNotInCluster } from '../image/load/outer-nodes.ts';
import { checkRuntime, ensureNodeImage, findNodeImage, type NodeImage } from '../image/node-image.ts';
import { RUNTIMES, type RuntimeName } from '../node/runtime/runtimes.ts';
import { silent } from '../progress/progress.ts';
import { inPod } from '../provider/container/mounted-socket.ts';
import { realSurroundings } from '../provider/container/surroundings.ts';
import { chooseEngine } from '../provider/detect.ts';
import { CarriedImage, imageNotInEngine } from './carried-image.ts';
import type { CommonOptions, Session } from './session.ts';

/** Name of kinpod's own node image. @param runtime default `containerd` */
export function ownImage(runtime?: RuntimeName): string {
  return defaultImageName(DEFAULT_KUBERNETES_VERSION, runtime);
}

/** Build a node image with the engine that clusters would be made with. */
export async function buildNodeImage(
  options: Omit<BuildNodeImageOptions, 'assetsDir' | 'progress' | 'engine'> & CommonOptions,
): Promise<BuiltNodeImage> {
  const { provider, env = process.env, progress = silent } = options;
  const { engine } = await chooseEngine(provider, realSurroundings(env));
  return build({ ...options, progress, engine, assetsDir: assetsDir() });
}

/** Images by what a node asks for; undefined: it leaves the choice to kinpod. */
type Images = Map<string | undefined, NodeImage>;

/** The images of the nodes that are here. */
export async function localImages(config: ClusterConfig, { provider }: Session): Promise<Images> {
  const { runtime } = config;
  const own = ownImage(runtime);
  const found: Images = new Map();
  const look = async (requested: string | undefined) => {
    const image = await findNodeImage(provider, { requested, runtime, own });
    if (image) found.set(requested, image);
  };
  await Promise.all([...new Set(config.nodes.map((node) => node.image))].map(look));
  return found;
}

/**
 * Each node's image, from those that are here, else got from elsewhere. A dry run gets none.
 * @throws {KinpodError} `image-not-found`, `wrong-runtime`
 */
export async function nodeImages(
  config: ClusterConfig,
  session: Session,
  here: Images,
  dryRun: boolean,
): Promise<[NodeImage, ...NodeImage[]]> {
  const { runtime } = config;
  const requested = config.nodes.map((node) => node.image);
  const found: Images = new Map(here);
  for (const reference of new Set(requested)) {
    if (found.has(reference)) continue;
    if (dryRun) {
      const name = reference ?? ownImage(runtime);
      throw new KinpodError(`the node image "${name}" is not here, and a dry run gets none`, {
        code: 'image-not-found',
        hint: commandLine('kinpod', ['build', 'node-image', ...(runtime === 'cri-o' ? ['--runtime', runtime] : [])]),
      });
    }
    found.set(reference, await nodeImage(reference, session, { runtime }));
  }
  const images = requested.flatMap((reference) => found.get(reference) ?? []);
  checkRuntime(images, runtime);
  const [first] = images;
  if (!first?.pulled) session.progress.step(`Ensuring node image (${first?.reference}) 🖼️`).done();
  return images as [NodeImage, ...NodeImage[]];
}

/** What of a configuration means nothing to nodes with these images. */
export function runtimeWarnings(config: ClusterConfig, images: readonly NodeImage[]): string[] {
  const patches = config.containerdConfigPatches.length + config.containerdConfigPatchesJSON6902.length;
  const other = images.find(({ runtime }) => runtime !== 'containerd');
  return patches > 0 && other
    ? [`containerdConfigPatches mean nothing to nodes with ${RUNTIMES[other.runtime].title} (${other.reference})`]
    : [];
}

/** One image, found, brought, pulled or built. */
export function nodeImage(
  requested: string | undefined,
  { provider, progress, signal, env }: Session,
  { runtime, beforeBuild }: { runtime?: RuntimeName | undefined; beforeBuild?: () => Promise<void> } = {},
): Promise<NodeImage> {
  const own = ownImage(runtime);
  const carried = new CarriedImage(provider, progress, signal);
  const build = async () => {
    if (provider.nodesArePods)
      throw imageNotInCluster(own, 'no engine of this machine made the nodes of the outer cluster');
    // The pod image has no compilers.
    if (inPod(env)) {
      throw imageNotInEngine(own, provider, { carried: await provider.carriedImage?.(), whyNot: carried.whyNot });
    }
    await beforeBuild?.();
    await buildNodeImage({ image: own, runtime, provider: provider.name, progress, signal });
  };
  const bring = (reference: string) => carried.bring(reference);
  return ensureNodeImage(provider, { requested, runtime, own, progress, signal, bring, build });
}
