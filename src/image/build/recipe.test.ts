import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../progress/progress.ts';
import { BuildAssets } from './assets.ts';
import type { Kubernetes, SourceWork } from './kubernetes-source.ts';
import { BUILD_RUNTIMES } from './node-runtime.ts';
import { makeRecipe, type Recipe, type RecipeOptions } from './recipe.ts';
import { releaseSource } from './source-release.ts';
import { TimedSteps } from './timings.ts';
import { Workspace } from './workspace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-recipe-'));
  await cp(fileURLToPath(new URL('../../../images', import.meta.url)), join(dir, 'images'), { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

/** A recipe of a release; `base` and `images` as sources of other kinds have them. */
async function recipe(changed: Partial<RecipeOptions & Pick<Kubernetes, 'version' | 'images'>> = {}): Promise<Recipe> {
  const { version = 'v1.36.3', images, ...others } = changed;
  const assets = new BuildAssets(dir);
  const work: SourceWork = {
    assets,
    workspace: new Workspace(join(dir, 'cache')),
    steps: await TimedSteps.open(silent, dir),
    go: 'go1.26.8',
    arch: 'amd64',
    warn() {},
    ...others,
  };
  const kubernetes = await releaseSource(version).identify(work);
  return makeRecipe(
    {
      ...work,
      kubernetes: { ...kubernetes, ...(images && { images }) },
      runtime: BUILD_RUNTIMES.containerd,
      imageStore: 'unpacked',
      ...others,
    },
    assets,
  );
}
const change = (...path: string[]) => writeFile(join(dir, 'images', 'node', ...path), '# changed\n', { flag: 'a' });

/** Names of the parts whose keys differ. */
function differences(a: Recipe, b: Recipe): string[] {
  const flat = (r: Recipe) =>
    new Map([
      ...Object.entries(r.debian).map(([k, v]) => [`debian-${k}`, v] as const),
      ...Object.entries(r.programs).map(([k, v]) => [`programs-${k}`, v] as const),
      ['store', r.store],
      ['image', r.image],
    ]);
  const before = flat(a);
  return [...flat(b)].filter(([name, key]) => before.get(name) !== key).map(([name]) => name);
}

test('the same inputs give the same keys', async () => {
  expect(differences(await recipe(), await recipe())).toEqual([]);
});

test.each([
  ['a script of the node', ['rootfs', 'usr', 'local', 'bin', 'entrypoint'], ['image']],
  ['the script that trims systemd', ['build', 'trim.sh'], ['debian-node', 'image']],
  ['the script that stores images', ['runtimes', 'containerd', 'store-images.sh'], ['store', 'image']],
  ['a pinned version', ['modules', 'etcd', 'go.sum'], ['programs-etcd', 'store', 'image']],
  ['the wrapper of iptables', ['kube-proxy', 'iptables-wrapper.sh'], ['store', 'image']],
  [
    "containerd's configuration",
    ['runtimes', 'containerd', 'rootfs', 'etc', 'containerd', 'config.toml'],
    ['store', 'image'],
  ],
])('a change of %s makes just what depends on it anew', async (_, path, expected) => {
  const before = await recipe();
  await change(...path);
  expect(differences(before, await recipe())).toEqual(expected);
});

const crio = BUILD_RUNTIMES['cri-o'];

test.each([
  ["CRI-O's own script of the node", ['runtimes', 'cri-o', 'rootfs', 'kind', 'lib', 'runtime.sh'], ['image']],
  ["kinpod's own programs", ['programs', 'pinns', 'pin.go'], ['programs-programs', 'store', 'image']],
  ['the packages of CRI-O', ['runtimes', 'cri-o', 'packages.list'], []],
  ["containerd's configuration", ['runtimes', 'containerd', 'rootfs', 'etc', 'containerd', 'config.toml'], []],
])('for CRI-O, a change of %s makes just what depends on it anew', async (_, path, expected) => {
  const before = await recipe({ runtime: crio });
  await change(...path);
  expect(differences(before, await recipe({ runtime: crio }))).toEqual(expected);
});

test('images with both runtimes have all programs in common but those of the runtimes', async () => {
  const [containerd, other] = [await recipe(), await recipe({ runtime: crio })];
  const own = Object.keys(other.programs).filter((name) => other.programs[name] !== containerd.programs[name]);
  expect(own).toEqual(['programs', 'cri-o']);
});

test('another version of CRI-O is a change of CRI-O alone', async () => {
  const release = { module: 'cri-o', version: 'v1.33.0' };
  const changed = differences(await recipe({ runtime: crio }), await recipe({ runtime: { ...crio, release } }));
  expect(changed).toEqual(['programs-cri-o', 'store', 'image']);
});

test('what nodes get when they are made is no part of the image', async () => {
  const before = await recipe();
  await writeFile(join(dir, 'images', 'node', 'boot', 'new.sh'), '');
  expect(differences(before, await recipe())).toEqual([]);
});

test('another compiler makes every program anew', async () => {
  const changed = differences(await recipe(), await recipe({ go: 'go1.27.0' }));
  expect(changed.filter((name) => name.startsWith('programs-'))).toHaveLength(7);
});

test('another release of Kubernetes leaves the other programs and Debian alone', async () => {
  const other = await recipe({ version: 'v1.35.4' });
  expect(differences(await recipe(), other)).toEqual(['programs-kubernetes', 'store', 'image']);
});

test('packed and unpacked images differ in their last parts only', async () => {
  expect(differences(await recipe(), await recipe({ imageStore: 'packed' }))).toEqual(['store', 'image']);
});

test('another base makes only the root file system anew: containerd keeps images in the same way', async () => {
  const based = await recipe({ base: { reference: 'localhost/base:1', id: 'sha256:1' } });
  expect(differences(await recipe(), based)).toEqual(['debian-node', 'image']);
});

test('a Kubernetes that comes with its own images gets the test server from the pinned release', async () => {
  expect(differences(await recipe(), await recipe({ images: 'archives' }))).toEqual([
    'programs-agnhost',
    'store',
    'image',
  ]);
});

test('another architecture shares nothing', async () => {
  expect(differences(await recipe(), await recipe({ arch: 'arm64' }))).toHaveLength(4 + 7 + 2);
});
