import { assetsDir } from '../exec/assets.ts';
import { type BuiltPodImage, buildPodImage as build } from '../image/pod/build-pod-image.ts';
import { silent } from '../progress/progress.ts';
import { realSurroundings } from '../provider/container/surroundings.ts';
import { chooseEngine } from '../provider/detect.ts';
import { ownImage } from './node-images.ts';
import type { CommonOptions } from './session.ts';

export interface PodImageOptions extends CommonOptions {
  /** Name for the image. Default `localhost/kinpod:<version of kinpod>`. */
  image?: string | undefined;
  /** Node image to put into it. Default kinpod's own; false: none, clusters get theirs from a registry or by `load`. */
  nodeImage?: string | false | undefined;
}

/** Build the image with which kinpod makes clusters inside a container or Pod, for the engine that clusters would be made with. */
export async function buildPodImage(options: PodImageOptions = {}): Promise<BuiltPodImage> {
  const { provider, env = process.env, progress = silent, image, signal } = options;
  const { engine } = await chooseEngine(provider, realSurroundings(env));
  const nodeImage = options.nodeImage === false ? undefined : (options.nodeImage ?? ownImage());
  return build({ image, nodeImage, engine, progress, signal, packageDir: assetsDir() });
}
