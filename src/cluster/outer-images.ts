import type { ClusterConfig } from '../config/types.ts';
import { loadImages } from '../image/load/load-images.ts';
import { madeNodes } from '../image/load/outer-nodes.ts';
import { outerOfContext } from '../kubeconfig/kubeconfig.ts';
import { chooseProvider } from '../provider/detect.ts';
import type { Provider } from '../provider/provider.ts';
import { nodeImage, ownImage } from './node-images.ts';
import type { Session } from './session.ts';

/**
 * Bring the node images to the outer cluster's nodes, where those are nodes of kind or kinpod that can be reached from here, as their
 * cluster's own images are brought: only what a node lacks. What is in no store of this machine is left to the outer cluster, which
 * may pull it.
 */
export async function supplyOuterNodes(config: ClusterConfig, session: Session): Promise<void> {
  const { provider, progress, signal } = session;
  if (!provider.outerNodes) return;
  const outer = await provider.outerNodes();
  const made = madeNodes(
    outer,
    config.nodes.flatMap((node) => node.tolerations),
  );
  if (!made) return;
  const wanted = [...new Set(config.nodes.map((node) => node.image))];
  const targets = outer.filter((node) => made.nodes.includes(node.metadata.name));
  const lacking = wanted.filter((image) => !targets.every((node) => lists(node, image ?? ownImage(config.runtime))));
  if (lacking.length === 0) return;
  const maker = await makerOf(made, session);
  if (!maker) return;
  const images: string[] = [];
  for (const image of lacking) {
    // The default one is built where it is nowhere to be had, as for nodes that are containers.
    if (image === undefined) {
      const { runtime } = config;
      images.push((await nodeImage(undefined, { ...session, provider: maker }, { runtime })).reference);
    } else if (await maker.findImage(image)) images.push(image);
  }
  if (images.length === 0) return;
  await loadImages(images, { provider: maker, cluster: made.cluster, nodes: made.nodes, progress, signal });
}

/** What the outer nodes were made with, if they are there: a cluster of that name elsewhere is not meant. */
async function makerOf(
  { provider, cluster, nodes }: { provider: string; cluster: string; nodes: readonly string[] },
  { provider: inner, facts, env }: Session,
): Promise<Provider | undefined> {
  const context = (await inner.outerCluster?.())?.context;
  const around = context === undefined ? undefined : outerOfContext(context, undefined, env);
  if (provider === 'kubernetes' && !around) return undefined;
  try {
    const maker = await chooseProvider(provider, facts, env, around);
    const names = (await maker.listNodes(cluster)).filter((node) => node.running).map((node) => node.name);
    return nodes.every((node) => names.includes(node)) ? maker : undefined;
  } catch {
    // The engine is not on this machine, or does not answer.
    return undefined;
  }
}

/** As the kubelet tells it: the fifty largest images, of which a node image is one. */
function lists({ status }: { status?: { images?: readonly { names?: readonly string[] }[] } }, image: string): boolean {
  return status?.images?.some(({ names }) => names?.includes(image)) ?? false;
}
