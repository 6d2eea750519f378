import type { ClusterConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import { assetsDir } from '../exec/assets.ts';
import {
  type BuildNodeImageOptions,
  type BuiltNodeImage,
  buildNodeImage as build,
  DEFAULT_KUBERNETES_VERSION,
  defaultImageName,
} from '../image/build/build-node-image.ts';
import { imageNotInCluster } from '../image/load/outer-nodes.ts';
import { ensureNodeImage, findNodeImage, type NodeImage } from '../image/node-image.ts';
import { silent } from '../progress/progress.ts';
import { realSurroundings } from '../provider/container/surroundings.ts';
import { chooseEngine } from '../provider/detect.ts';
import type { CommonOptions, Session } from './session.ts';

/** Name of kinpod's own node image. */
export function ownImage(): string {
  return defaultImageName(DEFAULT_KUBERNETES_VERSION);
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
  const own = ownImage();
  const found: Images = new Map();
  const look = async (requested: string | undefined) => {
    const image = await findNodeImage(provider, { requested, own });
    if (image) found.set(requested, image);
  };
  await Promise.all([...new Set(config.nodes.map((node) => node.image))].map(look));
  return found;
}

/** Each node's image, from those that are here, else got from elsewhere. A dry run gets none. */
export async function nodeImages(
  config: ClusterConfig,
  session: Session,
  here: Images,
  dryRun: boolean,
): Promise<[NodeImage, ...NodeImage[]]> {
  const requested = config.nodes.map((node) => node.image);
  const found: Images = new Map(here);
  for (const reference of new Set(requested)) {
    if (found.has(reference)) continue;
    if (dryRun) {
      const name = reference ?? ownImage();
      throw new KinpodError(`the node image "${name}" is not here, and a dry run gets none`, {
        code: 'image-not-found',
        hint: 'kinpod build node-image',
      });
    }
    found.set(reference, await nodeImage(reference, session));
  }
  const images = requested.flatMap((reference) => found.get(reference) ?? []);
  session.progress.step(`Ensuring node image (${images[0]?.reference}) 🖼️`).done();
  return images as [NodeImage, ...NodeImage[]];
}

/** One image, found, pulled or built. */
export function nodeImage(
  requested: string | undefined,
  { provider, progress, signal }: Session,
  beforeBuild: () => Promise<void> = async () => {},
): Promise<NodeImage> {
  const own = ownImage();
  const build = async () => {
    if (provider.nodesArePods)
      throw imageNotInCluster(own, 'no engine of this machine made the nodes of the outer cluster');
    await beforeBuild();
    await buildNodeImage({ image: own, provider: provider.name, progress, signal });
  };
  return ensureNodeImage(provider, { requested, own, progress, signal, build });
}
