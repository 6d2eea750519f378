import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { withLock } from '../../exec/lock.ts';
import { onPath } from '../../exec/on-path.ts';
import { scaled } from '../../exec/time-factor.ts';
import type { RuntimeName } from '../../node/runtime/runtimes.ts';
import type { Progress } from '../../progress/progress.ts';
import type { EngineFacts } from '../../provider/container/engine.ts';
import { BuildAssets } from './assets.ts';
import { findBaseImage } from './base-image.ts';
import { goVersion } from './compile.ts';
import { BuildEngine } from './engine.ts';
import { explainBuildFailure, missingProgram, requiredPrograms } from './failures.ts';
import type { Kubernetes, SourceWork } from './kubernetes-source.ts';
import { BUILD_KEY_LABEL } from './node-layers.ts';
import { buildRuntime, type ImageStore } from './node-runtime.ts';
import { goArch } from './oci-layout.ts';
import { makeRecipe, type Recipe } from './recipe.ts';
import { buildCacheDir, cacheBytesFor, cachePlaces, missingParts, STORAGE_BYTES } from './requirements.ts';
import { kubernetesSource, type SourceOptions, withV } from './source.ts';
import { type Build, imageMaterial, makeNodeImage, makeNodeLayers, makeParts, makeStoreLayer } from './stages.ts';
import { TimedSteps } from './timings.ts';
import { keyOf, Workspace, withWorkspace } from './workspace.ts';

export { DEFAULT_KUBERNETES_VERSION } from './source.ts';

export interface BuildNodeImageOptions extends SourceOptions {
  /** Name for the image. Default {@link defaultImageName}, with `-packed` where images are packed. */
  image?: string | undefined;
  /** Its name without a tag, instead of `image`. Default {@link IMAGE_NAME}. */
  imageName?: string | undefined;
  /** Its tag, instead of `image`. Default: as in {@link defaultImageName}. */
  imageTag?: string | undefined;
  /** Default `unpacked`: nodes start without copying or unpacking images. `packed` is what kind's own node images have. */
  imageStore?: ImageStore | undefined;
  /** Container runtime of the nodes. Default `containerd`. */
  runtime?: RuntimeName | undefined;
  /** Version of CRI-O, `1.34.0`. Default: the one whose checksums are pinned. */
  crioVersion?: string | undefined;
  /** Image whose root file system nodes get instead of Debian's packages. */
  baseImage?: string | undefined;
  /** Processor architecture, as Go names it. Only this machine's can be built. */
  arch?: string | undefined;
  /** That takes the image, and in which a part of it is made. */
  engine: EngineFacts;
  progress: Progress;
  signal?: AbortSignal | undefined;
  /** Directory that holds images/. */
  assetsDir: string;
}

export interface BuiltNodeImage {
  image: string;
  id: string;
  /** Nothing had to be done: the image was there, made from the same things. */
  cached: boolean;
  /** `v1.36.3` */
  kubernetesVersion: string;
  seconds: number;
}

/** Name of kinpod's node images, before the tag. */
const IMAGE_NAME = 'localhost/kinpod-node';

/**
 * @param version `1.36.3` or `v1.36.3`; an image's tag cannot have the `+` of a build between releases
 * @param runtime default `containerd`
 */
export function defaultImageName(version: string, runtime: RuntimeName = 'containerd'): string {
  return `${IMAGE_NAME}:${defaultTag(version, runtime)}`;
}

function defaultTag(version: string, runtime: RuntimeName): string {
  return withV(version).replaceAll('+', '_') + (runtime === 'containerd' ? '' : `-${runtime}`);
}

/** Milliseconds to wait for another build. It may take a quarter of an hour on a small machine. */
const LOCK_LIMIT_MS = 2 * 3600 * 1000;

/**
 * Build a node image from Go modules and Debian packages: no container registry is needed. What was built before is taken
 * from the cache; of several builds at once one works and the others wait for it.
 * @throws {KinpodError} `tool-missing`, `disk-full`, `download-failed`, `unknown-version`, `bad-version`, `unsupported-arch`,
 *   and what the source throws: `unknown-source`, `not-a-release`, `checksum-mismatch`, `not-a-checkout`
 * @throws AbortError if `signal` ended it. No half image, container, volume or temporary file is left.
 */
export async function buildNodeImage(options: BuildNodeImageOptions): Promise<BuiltNodeImage> {
  const started = performance.now();
  const { progress, signal } = options;
  const source = kubernetesSource(options, (type) => progress.info(`Detected build type: "${type}"`));
  checkPlatform(options.arch);
  checkName(options);
  const imageStore = options.imageStore ?? 'unpacked';
  const assets = new BuildAssets(options.assetsDir);
  const { crioVersion } = options;
  const runtime = await buildRuntime({ runtime: options.runtime, imageStore, crioVersion }, assets);
  await checkPrograms([options.engine.command, ...requiredPrograms(runtime)]);

  const cache = buildCacheDir();
  const engine = new BuildEngine(options.engine, keyOf(cache).slice(0, 16));
  try {
    const go = await goVersion(assets.path('modules', 'kubernetes'), signal);
    const work: SourceWork = {
      assets,
      workspace: new Workspace(cache),
      steps: await TimedSteps.open(progress, cache),
      go,
      arch: options.arch ?? goArch(),
      warn: (line) => progress.warn(line),
      signal,
    };
    const base = options.baseImage === undefined ? undefined : await findBaseImage(engine, options.baseImage, signal);
    const nameOf = ({ kubernetesVersion }: Recipe) => {
      const tag = defaultTag(kubernetesVersion, runtime.name) + (imageStore === 'packed' ? '-packed' : '');
      return options.image ?? `${options.imageName ?? IMAGE_NAME}:${options.imageTag ?? tag}`;
    };
    const recipeOf = (kubernetes: Kubernetes) => makeRecipe({ ...work, kubernetes, runtime, imageStore, base }, assets);
    const result = (recipe: Recipe, id: string, cached: boolean): BuiltNodeImage => {
      const seconds = (performance.now() - started) / 1000;
      return { image: nameOf(recipe), id, cached, kubernetesVersion: recipe.kubernetesVersion, seconds };
    };
    const existing = async (recipe: Recipe) => {
      const id = await engine.findBuilt(BUILD_KEY_LABEL, recipe.image);
      if (id === undefined) return undefined;
      await engine.tag(id, nameOf(recipe));
      progress.info(`${nameOf(recipe)} is up to date`);
      return result(recipe, id, true);
    };
    const known = source.cheap ? await source.identify(work) : undefined;
    const make = () =>
      withWorkspace(work.workspace, engine, async () => {
        const recipe = await recipeOf(known ?? (await source.identify(work)));
        const build = { ...work, recipe, engine };
        return (await existing(recipe)) ?? result(recipe, await makeAll(build, nameOf(recipe), progress), false);
      });
    const waiting = new Notice(() => progress.info('Another build of a node image is running: waiting for it'));
    return (
      (known && (await existing(await recipeOf(known)))) ??
      (await withLock(
        join(cache, 'build.lock'),
        () => {
          waiting.cancel();
          return make();
        },
        { withinMs: scaled(LOCK_LIMIT_MS), signal, onWait: () => waiting.soon() },
      ).finally(() => waiting.cancel()))
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw explainBuildFailure(error, [...(await cachePlaces()), await engine.storage()]);
  }
}

/** Says something only if it still holds after a moment: the lock of a killed build is not worth a word. */
class Notice {
  #timer: NodeJS.Timeout | undefined;
  readonly #say: () => void;

  constructor(say: () => void) {
    this.#say = say;
  }

  soon(): void {
    this.#timer = setTimeout(this.#say, 500);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}

/** @returns ID of the image */
async function makeAll(build: Build, image: string, progress: Progress): Promise<string> {
  await warnOfLittleSpace(build, progress);
  const parts = await makeParts(build);
  const material = await imageMaterial(build, parts);
  const layers = await makeNodeLayers(build, parts, material);
  const store = await makeStoreLayer(build, parts, material, layers);
  return makeNodeImage(build, parts, layers, store, image);
}

/** Rather now than after minutes of compiling. */
async function warnOfLittleSpace({ recipe, workspace, engine }: Build, progress: Progress): Promise<void> {
  const parts = await missingParts(recipe, workspace);
  for (const { path, bytes } of [
    { path: (await cachePlaces())[0] ?? '', bytes: cacheBytesFor(parts) },
    { path: await engine.storage(), bytes: STORAGE_BYTES },
  ]) {
    const free = await statfs(path).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    );
    if (free === undefined || free >= bytes) continue;
    const gib = (n: number) => `${(n / 1024 ** 3).toFixed(1)} GiB`;
    progress.warn(`${gib(free)} free at ${path}: the build may need ${gib(bytes)}`);
  }
}

function checkPlatform(arch: string | undefined): void {
  if (process.platform !== 'linux') {
    throw new KinpodError(`node images are built on Linux, and this is ${process.platform}`, {
      code: 'unsupported-platform',
      hint: 'build it on a Linux machine or in a virtual machine: `podman save` and `podman load` bring it here',
    });
  }
  if (arch !== undefined && arch !== goArch()) {
    throw new KinpodError(`a node image for ${arch} cannot be built on this ${goArch()} machine`, {
      code: 'unsupported-arch',
      details: 'while it is made, its packages are set up, and its own kubeadm and containerd are run',
      hint: `build it on a machine of that architecture, or leave out --arch`,
    });
  }
}

function checkName({ image, imageName, imageTag }: BuildNodeImageOptions): void {
  if (image === undefined || (imageName === undefined && imageTag === undefined)) return;
  throw new KinpodError('the image is named twice', {
    code: 'invalid-flag',
    hint: 'either --image NAME:TAG, or --image-name NAME and --image-tag TAG',
  });
}

/** @throws {KinpodError} `tool-missing` for the first program that is not in $PATH */
async function checkPrograms(programs: readonly string[]): Promise<void> {
  for (const program of programs) if (!(await onPath(program, process.env))) throw missingProgram(program);
}
