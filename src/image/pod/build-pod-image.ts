import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { cacheDir } from '../../exec/directories.ts';
import { withLock } from '../../exec/lock.ts';
import { onPath } from '../../exec/on-path.ts';
import { scaled } from '../../exec/time-factor.ts';
import type { Progress } from '../../progress/progress.ts';
import type { EngineFacts } from '../../provider/container/engine.ts';
import { version } from '../../version.ts';
import { BuildAssets } from '../build/assets.ts';
import { digestFile } from '../build/checksum.ts';
import { makeDebianTree, mmdebstrapArgs, packagesOf } from '../build/debian.ts';
import { BuildEngine } from '../build/engine.ts';
import { explainBuildFailure, missingProgram } from '../build/failures.ts';
import { describeLayer, writeLayer } from '../build/layer.ts';
import { BUILD_KEY_LABEL } from '../build/node-layers.ts';
import { goArch, writeOciLayout } from '../build/oci-layout.ts';
import { TimedSteps } from '../build/timings.ts';
import { keyOf, Workspace, withWorkspace } from '../build/workspace.ts';
import {
  nodeImageEntries,
  ownEntries,
  POD_TREE,
  packageFiles,
  podImageConfig,
  programEntries,
  type StoredNodeImage,
} from './contents.ts';
import { nodeProgram } from './node-program.ts';

/** Raised when this code makes something else of the same inputs. */
const FORMAT = 1;

/** Milliseconds to wait for another build of a pod image. */
const LOCK_LIMIT_MS = 15 * 60_000;

/** Time of every file that kinpod writes into the image: a constant one, so that equal layers are equal bytes. */
const MADE_AT = new Date(0);

export interface BuildPodImageOptions {
  /** Name for the image. Default `localhost/kinpod:<version of kinpod>`. */
  image?: string | undefined;
  /** Node image that is put into it. Undefined: none. */
  nodeImage?: string | undefined;
  engine: EngineFacts;
  progress: Progress;
  signal?: AbortSignal | undefined;
  /** Directory of kinpod's package, which holds images/ and dist/. */
  packageDir: string;
}

export interface BuiltPodImage {
  image: string;
  id: string;
  /** Nothing had to be done: the image was there, made from the same things. */
  cached: boolean;
  /** Reference of the node image in it, if there is one. */
  nodeImage?: string;
  seconds: number;
}

export function defaultPodImageName(): string {
  return `localhost/kinpod:${version().version.replaceAll('+', '_')}`;
}

/**
 * Build the image with which kinpod makes clusters inside a container or Pod, from Debian packages and what is here: no registry is
 * needed. What was built before is taken from the cache.
 * @throws {KinpodError} `tool-missing`, `image-not-found` for the node image, `disk-full`, `download-failed`
 * @throws AbortError if `signal` ended it
 */
export async function buildPodImage(options: BuildPodImageOptions): Promise<BuiltPodImage> {
  const started = performance.now();
  const { progress, signal, packageDir } = options;
  const image = options.image ?? defaultPodImageName();
  for (const program of ['mmdebstrap', 'tar']) {
    if (!(await onPath(program, process.env))) throw missingProgram(program);
  }
  const cache = join(cacheDir(), 'pod-image');
  await mkdir(cache, { recursive: true });
  const engine = new BuildEngine(options.engine, keyOf(cache).slice(0, 16));
  const assets = new BuildAssets(packageDir, 'pod');
  const workspace = new Workspace(cache);
  const build = async (): Promise<BuiltPodImage> => {
    const nodeImage = await findNodeImage(engine, options.nodeImage);
    const node = await nodeProgram(workspace, signal);
    const recipe = await makeRecipe(assets, packageDir, nodeImage, node);
    const result = (id: string, cached: boolean): BuiltPodImage => ({
      image,
      id,
      cached,
      ...(nodeImage && { nodeImage: nodeImage.reference }),
      seconds: (performance.now() - started) / 1000,
    });
    const built = await engine.findBuilt(BUILD_KEY_LABEL, recipe.image);
    if (built !== undefined) {
      await engine.tag(built, image);
      progress.info(`${image} is up to date`);
      return result(built, true);
    }
    const work = { ...options, image, assets, engine, workspace, recipe, node };
    return result(await make({ ...work, nodeImage, steps: await TimedSteps.open(progress, cache) }), false);
  };
  try {
    return await withLock(join(cache, 'build.lock'), () => withWorkspace(workspace, engine, build), {
      withinMs: scaled(LOCK_LIMIT_MS),
      signal,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw explainBuildFailure(error, [cache, await engine.storage()]);
  }
}

async function findNodeImage(
  engine: BuildEngine,
  reference: string | undefined,
): Promise<{ reference: string; id: string } | undefined> {
  if (reference === undefined) return undefined;
  const id = await engine.findId(reference);
  if (id) return { reference, id };
  throw new KinpodError(`the node image "${reference}" is not here`, {
    code: 'image-not-found',
    hint: 'kinpod build node-image makes one; --without-node-image leaves it out',
  });
}

/** Keys of the parts and of the whole. */
interface Recipe {
  debian: string;
  store: string;
  image: string;
}

async function makeRecipe(
  assets: BuildAssets,
  packageDir: string,
  nodeImage: { reference: string; id: string } | undefined,
  node: string,
): Promise<Recipe> {
  const common = [FORMAT, goArch()];
  const debian = keyOf(
    common,
    mmdebstrapArgs(POD_TREE, await packagesOf(POD_TREE, assets), await assets.digest('build')),
  );
  // By its name too, which is in the store.
  const store = keyOf(common, debian, nodeImage?.id, nodeImage?.reference);
  const own: string[] = [];
  for (const path of await packageFiles(packageDir)) own.push(path, (await digestFile(join(packageDir, path))).sha256);
  return { debian, store, image: keyOf(common, store, own, (await digestFile(node)).sha256, version().version) };
}

interface Work extends Omit<BuildPodImageOptions, 'nodeImage' | 'engine'> {
  image: string;
  assets: BuildAssets;
  engine: BuildEngine;
  workspace: Workspace;
  recipe: Recipe;
  node: string;
  nodeImage: { reference: string; id: string } | undefined;
  steps: TimedSteps;
}

/** @returns ID of the image */
async function make(work: Work): Promise<string> {
  const { assets, engine, workspace, recipe, steps, signal, image, packageDir } = work;
  const tree = await workspace.cached('debian', recipe.debian, (path) =>
    steps.run('debian-pod', POD_TREE.title, async (detail) => {
      const temporary = await workspace.makeTemporary('debian-pod');
      await makeDebianTree(POD_TREE, assets, path, { temporary, signal, detail });
    }),
  );
  const debian = await describeLayer(tree, signal);
  const stored = await storeNodeImage(work, tree);
  return steps.run('pod-image', `Making ${image}`, async () => {
    const dir = await workspace.makeTemporary('layers');
    const layer = (name: string, entries: Parameters<typeof writeLayer>[1]) =>
      writeLayer(join(dir, `${name}.tar`), entries, MADE_AT, signal);
    const kubectl = stored && join(dir, 'kubectl');
    if (stored && kubectl) await engine.copyOut(stored.id, '/usr/bin/kubectl', kubectl, signal);
    const layers = [
      debian,
      ...(stored ? [await layer('node-image', nodeImageEntries(stored))] : []),
      await layer('programs', programEntries(work.node, kubectl)),
      // What changes most often comes last: engines keep the layers below.
      await layer('own', await ownEntries(assets, packageDir, stored !== undefined)),
    ];
    const layout = await workspace.makeTemporary('pod');
    const config = podImageConfig(recipe.image, version().version, stored?.reference);
    await writeOciLayout(layout, [{ config, layers }], new Date());
    const id = await engine.load(layout, signal);
    await engine.tag(id, image);
    return id;
  });
}

/** The node image as one file, made by the Podman that will read it. */
async function storeNodeImage(work: Work, tree: string): Promise<StoredNodeImage | undefined> {
  const { assets, engine, workspace, recipe, steps, signal, nodeImage } = work;
  if (nodeImage === undefined) return undefined;
  const store = await workspace.cached('stores', recipe.store, (path) =>
    steps.run('pod-node-image', `Packing ${nodeImage.reference}`, async (detail) => {
      const dir = await workspace.makeTemporary('node-image');
      const layout = await workspace.makeTemporary('pod-base');
      const layers = [await describeLayer(tree, signal)];
      await writeOciLayout(layout, [{ config: { Labels: engine.label }, layers }], MADE_AT);
      const base = await engine.load(layout, signal);
      await engine.save(nodeImage.reference, join(dir, 'image.tar'), signal);
      const inside = '/kinpod/store-node-image.sh';
      await engine.run({
        image: base,
        binds: {
          [inside]: assets.path('build', 'store-node-image.sh'),
          '/kinpod/in': dir,
          '/kinpod/out': dirname(path),
        },
        volume: '/kinpod/work',
        argv: ['/bin/sh', inside, '/kinpod/in/image.tar', '/kinpod/work', `/kinpod/out/${basename(path)}`],
        signal,
        onLine: detail,
      });
    }),
  );
  return { ...nodeImage, store };
}
