import { readFile } from 'node:fs/promises';
import type { BuildAssets } from './assets.ts';
import type { BaseImage } from './base-image.ts';
import { debianTrees, mmdebstrapArgs, packagesOf } from './debian.ts';
import type { Kubernetes } from './kubernetes-source.ts';
import type { BuildRuntime, ImageStore } from './node-runtime.ts';
import { AGNHOST_GROUP, goBuildArgs, KUBERNETES_GROUP, PROGRAM_GROUPS, type ProgramGroup } from './programs.ts';
import { keyOf } from './workspace.ts';

/** Raised when this code makes something else of the same inputs, so that caches and images of before do not count. */
const FORMAT = 1;

/** The same for the container images alone (container-images.ts), so that nothing has to be compiled or fetched again. */
const IMAGES_FORMAT = 3;

/** Everything that decides what a node image is made of, as keys under which the parts are cached. */
export interface Recipe {
  /** `v1.36.3` */
  kubernetesVersion: string;
  imageStore: ImageStore;
  runtime: BuildRuntime;
  /** Architecture, as Go names it. */
  arch: string;
  kubernetes: Kubernetes;
  /** Where the node's root file system comes from, if not from Debian's packages. */
  base: BaseImage | undefined;
  /** Key by name of the tree. */
  debian: Readonly<Record<string, string>>;
  /** Key by name of what {@link programParts} has. */
  programs: Readonly<Record<string, string>>;
  /** Of the runtime's state with all images. */
  store: string;
  /** Of the whole image. */
  image: string;
}

export interface RecipeOptions {
  kubernetes: Kubernetes;
  runtime: BuildRuntime;
  imageStore: ImageStore;
  /** Version of the compiler, `go1.26.8`. */
  go: string;
  /** Architecture, as Go names it. */
  arch: string;
  base?: BaseImage | undefined;
}

/** A part of a node image that comes of compiling. */
export interface ProgramPart {
  name: string;
  /** Undefined: it comes from the source of Kubernetes. */
  group: ProgramGroup | undefined;
}

/** The parts of all programs, in the order in which they are made. */
export function programParts({ images }: Kubernetes, runtime: BuildRuntime): ProgramPart[] {
  const [first, ...others] = PROGRAM_GROUPS;
  return [...(first ? [first] : []), ...runtime.groups, ...others].flatMap((group): ProgramPart[] => {
    if (group !== KUBERNETES_GROUP) return [{ name: group.module, group }];
    const kubernetes = { name: group.module, group: undefined };
    return images === 'compiled' ? [kubernetes] : [kubernetes, { name: 'agnhost', group: AGNHOST_GROUP }];
  });
}

/** @param source what is compiled */
export function compiledKey(
  group: ProgramGroup,
  source: readonly string[],
  { go, arch }: Pick<RecipeOptions, 'go' | 'arch'>,
): string {
  return keyOf([FORMAT, arch], go, source, goBuildArgs(group, 'v0.0.0', '', ''), group.files ?? []);
}

export async function makeRecipe(options: RecipeOptions, assets: BuildAssets): Promise<Recipe> {
  const { kubernetes, runtime, imageStore, arch, base } = options;
  const common = [FORMAT, arch];
  const trimScript = await readFile(assets.path('build', 'trim.sh'), 'utf8');
  const debian: Record<string, string> = {};
  for (const tree of debianTrees(runtime)) {
    const packages = await packagesOf(tree, assets, runtime);
    debian[tree.name] = keyOf(common, mmdebstrapArgs(tree, packages, tree.variant === 'minbase' ? trimScript : ''));
  }
  if (base) debian.node = keyOf(common, 'base', base.id);

  const programs: Record<string, string> = {};
  for (const { name, group } of programParts(kubernetes, runtime)) {
    programs[name] = group ? compiledKey(group, await sourceOf(group, runtime, assets), options) : kubernetes.key;
  }

  const store = keyOf(
    common,
    IMAGES_FORMAT,
    imageStore,
    debian['kube-proxy'],
    debian.static,
    programs,
    await assets.digest('kube-proxy'),
    ...(await Promise.all(
      ['store-images.sh', ...runtime.storeConfig].map((file) =>
        readFile(assets.path('runtimes', runtime.name, file), 'utf8'),
      ),
    )),
  );
  const files = [await assets.digest('rootfs'), await assets.digest('runtimes', runtime.name, 'rootfs')];
  const image = keyOf(common, kubernetes.version, debian, programs, store, files);
  const kubernetesVersion = kubernetes.version;
  return { kubernetesVersion, kubernetes, runtime, imageStore, arch, base, debian, programs, store, image };
}

/** What decides what a group's programs are compiled from. */
async function sourceOf(group: ProgramGroup, { release }: BuildRuntime, assets: BuildAssets): Promise<string[]> {
  if (group.own) return [await assets.digest('programs')];
  return group.module === release?.module ? [release.version] : moduleFiles(assets, group.module);
}

/** What pins a committed wrapper module. */
export async function moduleFiles(assets: BuildAssets, module: string): Promise<string[]> {
  return Promise.all(['go.mod', 'go.sum'].map((file) => readFile(assets.path('modules', module, file), 'utf8')));
}
