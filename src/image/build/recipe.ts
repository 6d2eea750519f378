import { readFile } from 'node:fs/promises';
import type { BuildAssets } from './assets.ts';
import { DEBIAN_TREES, mmdebstrapArgs, packagesOf } from './debian.ts';
import { pinnedKubernetesVersion } from './kubernetes-module.ts';
import { goArch } from './oci-layout.ts';
import { goBuildArgs, PROGRAM_GROUPS } from './programs.ts';
import { keyOf } from './workspace.ts';

/** Raised when this code makes something else of the same inputs, so that caches and images of before do not count. */
const FORMAT = 1;

/** How images lie in the node image: unpacked once for all nodes, or packed as in kind's own node images. */
export type ImageStore = 'packed' | 'unpacked';

/** Everything that decides what a node image is made of, as keys under which the parts are cached. */
export interface Recipe {
  /** `v1.36.3` */
  kubernetesVersion: string;
  imageStore: ImageStore;
  /** The committed wrapper module pins this version; else one is generated. */
  pinned: boolean;
  /** Key by name of the tree. */
  debian: Readonly<Record<string, string>>;
  /** Key by module of the group. */
  programs: Readonly<Record<string, string>>;
  /** Of containerd's state with all images. */
  store: string;
  /** Of the whole image. */
  image: string;
}

export interface RecipeOptions {
  /** `v1.36.3` */
  kubernetesVersion: string;
  imageStore: ImageStore;
  /** Version of the compiler, `go1.26.8`. */
  go: string;
}

export async function makeRecipe(options: RecipeOptions, assets: BuildAssets): Promise<Recipe> {
  const { kubernetesVersion, imageStore, go } = options;
  const pinned = (await pinnedKubernetesVersion(assets)) === kubernetesVersion;
  const common = [FORMAT, goArch()];
  const trimScript = await readFile(assets.path('build', 'trim.sh'), 'utf8');
  const debian: Record<string, string> = {};
  for (const tree of DEBIAN_TREES) {
    const packages = await packagesOf(tree, assets);
    debian[tree.name] = keyOf(common, mmdebstrapArgs(tree, packages, tree.variant === 'minbase' ? trimScript : ''));
  }

  const programs: Record<string, string> = {};
  for (const group of PROGRAM_GROUPS) {
    const generated = group.module === 'kubernetes' && !pinned;
    const source = generated ? [kubernetesVersion] : await moduleFiles(assets, group.module);
    programs[group.module] = keyOf(common, go, source, goBuildArgs(group, 'v0.0.0', '', ''), group.files ?? []);
  }

  const store = keyOf(
    common,
    imageStore,
    debian['kube-proxy'],
    debian.static,
    programs,
    await assets.digest('kube-proxy'),
    await readFile(assets.path('build', 'store-images.sh'), 'utf8'),
    await readFile(assets.path('rootfs', 'etc', 'containerd', 'config.toml'), 'utf8'),
  );
  const image = keyOf(common, kubernetesVersion, debian, programs, store, await assets.digest('rootfs'));
  return { kubernetesVersion, imageStore, pinned, debian, programs, store, image };
}

async function moduleFiles(assets: BuildAssets, module: string): Promise<string[]> {
  return Promise.all(['go.mod', 'go.sum'].map((file) => readFile(assets.path('modules', module, file), 'utf8')));
}
