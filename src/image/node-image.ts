import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { goQuote } from '../errors/go-quote.ts';
import { KinpodError, kindMessageOf, messageOf } from '../errors/kinpod-error.ts';
import { cacheDir } from '../exec/directories.ts';
import { scaled } from '../exec/time-factor.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { CRICTL_CONFIG, RUNTIMES, type RuntimeName, runtimeNamed, runtimeOf } from '../node/runtime/runtimes.ts';
import type { Progress } from '../progress/progress.ts';
import { KUBERNETES_VERSION_LABEL, RUNTIME_LABEL } from '../provider/labels.ts';
import type { LocalImage, Provider } from '../provider/provider.ts';
import { pullName } from './load/reference.ts';

/** The node image that stock kind 0.33 takes (its pkg/apis/config/defaults/image.go). */
export const KIND_NODE_IMAGE =
  'docker.io/kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5';

/** Milliseconds that a registry has to send the node image before kinpod builds its own. */
const PULL_LIMIT_MS = 10 * 60_000;

/** An image of the local store that nodes can be made from. */
export interface NodeImage {
  reference: string;
  version: KubernetesVersion;
  /** It was not in the store before, and a step has told so. */
  pulled?: true;
  /** The container runtime that it has. */
  runtime: RuntimeName;
  /** It is one of kinpod's own: kind's have not. */
  hasHaproxy?: true;
}

export interface NodeImageOptions {
  /** What the user asked for; undefined: the local own image, else kind's from a registry, else built. */
  requested: string | undefined;
  /** The container runtime that nodes are to have. Undefined: any. */
  runtime?: RuntimeName | undefined;
  progress: Progress;
  /** Reference of the own image. */
  own: string;
  /** Gets an image from a place that is nearer than a registry, and tells it. @returns whether it is in the store now */
  bring?(reference: string): Promise<boolean>;
  /** Builds the own image. */
  build(): Promise<void>;
  signal?: AbortSignal | undefined;
}

/** The requested image, else the own one, else kind's, which has containerd: the first that is in the local store. */
export async function findNodeImage(
  provider: Provider,
  { requested, runtime, own }: Pick<NodeImageOptions, 'requested' | 'runtime' | 'own'>,
): Promise<NodeImage | undefined> {
  const defaults = runtime === 'cri-o' ? [own] : [own, KIND_NODE_IMAGE];
  for (const reference of requested === undefined ? defaults : [requested]) {
    const local = await provider.findImage(reference);
    if (local) return describe(provider, reference, local);
  }
  return undefined;
}

/**
 * Find the node image, get it where it is missing, and say which it is and why.
 * @throws {KinpodError} `image-not-found` if the requested one is neither here nor in a registry that answers
 */
export async function ensureNodeImage(provider: Provider, options: NodeImageOptions): Promise<NodeImage> {
  const { requested, runtime, own, progress, signal } = options;
  const local = await findNodeImage(provider, options);
  if (local) return local;
  if (await options.bring?.(requested ?? own)) {
    const brought = await findNodeImage(provider, options);
    if (brought) return { ...brought, pulled: true };
  }
  if (requested !== undefined) return pull(provider, requested, progress, signal);
  if (runtime === 'cri-o') {
    progress.info(`The node image ${own} is not here; building it`);
  } else {
    progress.info(`The node image ${own} is not here; trying kind's ${withoutDigest(KIND_NODE_IMAGE)}`);
    try {
      return await pull(provider, KIND_NODE_IMAGE, progress, signal);
    } catch (error) {
      if (!(error instanceof KinpodError) || error.code !== 'image-not-found') throw error;
      progress.info(`No registry has it for this machine (${error.details ?? error.message}); building ${own}`);
    }
  }
  await options.build();
  const built = await provider.findImage(own);
  if (!built) throw new Error(`the build of ${own} ended well and left no image`);
  return describe(provider, own, built);
}

/**
 * An image that has HAProxy: kinpod's own have, in whatever version of Kubernetes; kind's have not.
 * @throws {KinpodError} `no-load-balancer`
 */
export async function loadBalancerImage(
  provider: Provider,
  nodeImages: readonly NodeImage[],
  own: string,
): Promise<string> {
  const known = nodeImages.find((image) => image.hasHaproxy);
  if (known) return known.reference;
  if ((await provider.findImage(own))?.labels[KUBERNETES_VERSION_LABEL]) return own;
  throw new KinpodError('several control planes need a load balancer, and no image with HAProxy is here', {
    code: 'no-load-balancer',
    hint: "kinpod build node-image makes one; the nodes may still be made from another, such as kind's",
  });
}

async function pull(
  provider: Provider,
  reference: string,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<NodeImage> {
  const step = progress.step(`Ensuring node image (${withoutDigest(reference)}) 🖼️`);
  const name = pullName(reference);
  const limit = AbortSignal.timeout(scaled(PULL_LIMIT_MS));
  try {
    await provider.pullImage(name, signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    step.fail();
    signal?.throwIfAborted();
    if (error instanceof KinpodError && error.code === 'engine-missing') throw error;
    throw new KinpodError(`the node image "${reference}" is not here and cannot be pulled`, {
      code: 'image-not-found',
      details: lastLine(error),
      hint: 'leave out --image for the default one, or build one: kinpod build node-image',
      cause: error,
      kindMessage: `failed to pull image ${goQuote(name)}: ${kindMessageOf(error)}`,
    });
  }
  step.done();
  const local = await provider.findImage(reference);
  if (!local) throw new Error(`the image "${reference}" was pulled and is not there`);
  return { ...(await describe(provider, reference, local)), pulled: true };
}

/** Own images carry their version and their runtime as labels; kind's have them in files, which are read once an image. */
async function describe(provider: Provider, reference: string, image: LocalImage): Promise<NodeImage> {
  const runtime = runtimeNamed(image.labels[RUNTIME_LABEL]);
  const version = image.labels[KUBERNETES_VERSION_LABEL];
  const abilities = version === undefined ? {} : { hasHaproxy: true as const };
  if (version && runtime) return { reference, version: new KubernetesVersion(version), runtime, ...abilities };
  const cache = join(cacheDir(), 'image-facts', image.id.replace(/^sha256:/, ''));
  const known = await readFile(cache, 'utf8').then(cachedFacts, () => undefined);
  if (known) return { reference, ...known, ...abilities };
  const facts = {
    version: new KubernetesVersion(version ?? (await readVersionFile(provider, reference))),
    runtime: runtime ?? runtimeOf(await provider.readImageFile(reference, CRICTL_CONFIG).catch(() => '')),
  };
  await mkdir(dirname(cache), { recursive: true });
  await writeFile(cache, `${facts.version.text} ${facts.runtime}`);
  return { reference, ...facts, ...abilities };
}

/** @param text `v1.36.3 containerd`; undefined for anything else */
function cachedFacts(text: string): Pick<NodeImage, 'version' | 'runtime'> | undefined {
  const [version, name] = text.trim().split(' ');
  const runtime = runtimeNamed(name);
  return version && runtime ? { version: new KubernetesVersion(version), runtime } : undefined;
}

/**
 * @param wanted the container runtime that was asked for; undefined: any
 * @throws {KinpodError} `wrong-runtime` for the first image that has another
 */
export function checkRuntime(images: readonly NodeImage[], wanted: RuntimeName | undefined): void {
  const other = images.find(({ runtime }) => wanted !== undefined && runtime !== wanted);
  if (!other || wanted === undefined) return;
  const { reference, runtime } = other;
  throw new KinpodError(
    `nodes are to have ${RUNTIMES[wanted].title}, and "${reference}" has ${RUNTIMES[runtime].title}`,
    {
      code: 'wrong-runtime',
      details: 'the container runtime is a part of the node image',
      hint: `leave out the image for the default one, or --runtime for what the image has; to build one: kinpod build node-image --runtime ${wanted}`,
    },
  );
}

async function readVersionFile(provider: Provider, reference: string): Promise<string> {
  try {
    return (await provider.readImageFile(reference, '/kind/version')).trim();
  } catch (error) {
    throw new KinpodError(`"${reference}" is not a node image: its /kind/version cannot be read`, {
      code: 'not-a-node-image',
      hint: 'leave out --image for the default one, or build one: kinpod build node-image',
      details: lastLine(error),
      cause: error,
    });
  }
}

function withoutDigest(reference: string): string {
  return reference.split('@')[0] ?? reference;
}

function lastLine(error: unknown): string {
  const text = error instanceof KinpodError && error.details ? error.details : messageOf(error);
  return text.trim().split('\n').at(-1) ?? '';
}
