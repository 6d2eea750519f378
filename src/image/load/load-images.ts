import { goQuote } from '../../errors/go-quote.ts';
import { run } from '../../exec/run.ts';
import type { Progress } from '../../progress/progress.ts';
import type { Provider } from '../../provider/provider.ts';
import { deliver, nameAll } from './deliver.ts';
import { fanOut } from './fan-out.ts';
import { findImage, type ImageStore, type LocalImage, storesFor } from './image-store.ts';
import { findTargets, type Target } from './targets.ts';
import { imagesText, nodesText, TransferProgress } from './transfer-progress.ts';
import { lackOf, type WantedImage } from './wanted.ts';

/** What every way to load images takes. */
export interface LoadRequest {
  provider: Provider;
  cluster: string;
  /** Names of nodes; none for all. */
  nodes: readonly string[];
  progress: Progress;
  signal?: AbortSignal | undefined;
}

export interface LoadedImages {
  /** What was sent to a node, by node; a node that had everything has an empty list. */
  loaded: Record<string, string[]>;
}

/**
 * Copy images of this host's engines into nodes that do not have them.
 * @param references names or IDs; the same twice counts once
 * @param stores the engines to look into; default: the provider's, then the others
 * @throws {KinpodError} `image-not-present`, `no-such-cluster`, `no-such-node`, `node-stopped`, `load-failed`
 */
export async function loadImages(
  references: readonly string[],
  request: LoadRequest,
  stores: readonly ImageStore[] = storesFor(request.provider.name),
): Promise<LoadedImages> {
  const { provider, cluster, nodes, progress, signal } = request;
  const images = await Promise.all([...new Set(references)].map((one) => findImage(one, stores, signal)));
  for (const image of images) {
    if (image.store.name !== stores[0]?.name) {
      progress.info(`Image: ${goQuote(image.label)} is taken from ${image.store.name}`);
    }
  }
  const targets = await findTargets(provider, cluster, nodes, signal);
  const shipments = plan(images, await lacking(targets, images, request));
  await Promise.all(shipments.map((one) => ship(one, request)));
  return {
    loaded: Object.fromEntries(
      targets.map(({ node }) => [
        node,
        shipments.flatMap((one) => (one.targets.some((t) => t.node === node) ? one.images.map((i) => i.label) : [])),
      ]),
    ),
  };
}

/** What each node lacks, when names have been given to the images that are there. Says so in kind's words. */
export async function lacking<T extends WantedImage>(
  targets: readonly Target[],
  images: readonly T[],
  { progress, signal }: Pick<LoadRequest, 'progress' | 'signal'>,
): Promise<Map<Target, T[]>> {
  const lacks = await Promise.all(
    targets.map(async (target) => {
      for (const { label, id, names } of images) {
        const lack = lackOf({ label, id, names, platform: undefined }, target.stored);
        if (lack.kind !== 'names') continue;
        progress.info(
          `Image with ID: ${id} already present on the node ${target.node} but is missing the tag ${lack.names.join(', ')}. re-tagging...`,
        );
      }
      return [target, (await nameAll(target, images, signal)) as T[]] as const;
    }),
  );
  for (const image of images) {
    const name = `Image: ${goQuote(image.label)} with ID ${goQuote(image.id ?? 'unknown')}`;
    const without = lacks.filter(([, absent]) => absent.includes(image));
    if (without.length === 0) progress.info(`${name} found to be already present on all nodes.`);
    for (const [target] of without) progress.info(`${name} not yet present on node "${target.node}", loading...`);
    if (without.length > 0 && image.names.length === 0) {
      progress.warn(
        `${name} has no name, and pods ask for images by name: save it by its name, or give it one in the nodes`,
      );
    }
    warnOfPlatform(image, without[0]?.[0], progress);
  }
  return new Map(lacks);
}

function warnOfPlatform(image: WantedImage, target: Target | undefined, progress: Progress): void {
  if (!target || !image.platform || image.platform === target.runtime.platform) return;
  progress.warn(
    `Image: ${goQuote(image.label)} is for ${image.platform}, and the nodes are ${target.runtime.platform}: it runs only where the host can emulate that`,
  );
}

/** Images of one engine for nodes that lack the same. */
interface Shipment {
  store: ImageStore;
  images: LocalImage[];
  targets: Target[];
}

/** Nodes that lack the same get one stream, so that each image is written once. */
export function plan(images: readonly LocalImage[], lacks: ReadonlyMap<Target, readonly LocalImage[]>): Shipment[] {
  const shipments = new Map<string, Shipment>();
  for (const [target, absent] of lacks) {
    for (const store of new Set(absent.map((image) => image.store))) {
      const own = images.filter((image) => image.store === store && absent.includes(image));
      const key = `${store.name} ${own.map((image) => images.indexOf(image)).join(' ')}`;
      const shipment = shipments.get(key) ?? { store, images: own, targets: [] };
      shipment.targets.push(target);
      shipments.set(key, shipment);
    }
  }
  return [...shipments.values()];
}

async function ship({ store, images, targets }: Shipment, { progress, signal }: LoadRequest): Promise<void> {
  const what = `${imagesText(images.map((one) => one.label))} from ${store.name} into ${nodesText(targets.length)}`;
  const transfer = new TransferProgress(progress, what, sum(images), true);
  const references = [...new Set(images.flatMap((image) => image.references))];
  await transfer.during(() =>
    deliver(
      async (sinks) => {
        await run(store.command, store.saveArgs(references), {
          signal,
          consume: (archive) => fanOut(archive, sinks, (bytes) => transfer.add(bytes)),
        });
      },
      { targets, images, signal },
    ),
  );
}

function sum(images: readonly LocalImage[]): number {
  return images.reduce((bytes, image) => bytes + image.bytes, 0);
}
