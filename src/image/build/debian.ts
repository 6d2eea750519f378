import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../exec/run.ts';
import type { BuildAssets } from './assets.ts';
import type { BuildRuntime } from './node-runtime.ts';
import { runGroup } from './run-group.ts';

/** Debian 12: its systemd 252 runs on cgroup v1 and v2; 257 wants to be forced on v1, 258 does not run there. */
const SUITE = 'bookworm';

/** A tar of unpacked Debian packages. */
export interface DebianTree {
  name: 'node' | 'kube-proxy' | 'static' | 'c-library' | 'pod';
  title: string;
  /** Release of Debian. Default {@link SUITE}. */
  suite?: string;
  /** minbase: a system that runs. extract: only the files of the packages and of what these need. */
  variant: 'minbase' | 'extract';
  /** Paths that dpkg leaves out, and exceptions. */
  exclude: readonly string[];
  include?: readonly string[];
}

const DEBIAN_TREES: readonly DebianTree[] = [
  {
    name: 'node',
    title: 'Installing Debian packages of a node',
    variant: 'minbase',
    exclude: ['man', 'locale', 'doc', 'info', 'lintian', 'bash-completion'].map((dir) => `/usr/share/${dir}/*`),
    // Their licenses ask for it.
    include: ['/usr/share/doc/*/copyright'],
  },
  {
    name: 'kube-proxy',
    title: 'Getting Debian packages of kube-proxy',
    variant: 'extract',
    exclude: ['/usr/share/*'],
    include: ['/usr/share/doc/*/copyright'],
  },
  {
    name: 'static',
    title: 'Getting busybox and catatonit',
    variant: 'extract',
    exclude: ['/usr/share/*'],
  },
];

const C_LIBRARY: DebianTree = {
  name: 'c-library',
  title: 'Getting the C library',
  variant: 'extract',
  exclude: ['/usr/share/*'],
  include: ['/usr/share/doc/*/copyright'],
};

/** The trees that go into a node image, or are needed to make it. */
export function debianTrees({ groups }: BuildRuntime): readonly DebianTree[] {
  return groups.some((group) => group.cgo) ? [...DEBIAN_TREES, C_LIBRARY] : DEBIAN_TREES;
}

/** Names of a package list: one a line, `#` begins a comment. */
export function parsePackageList(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** Where mmdebstrap keeps the hook that makes /usr merged from the start. */
const MERGED_USR_HOOK = '/usr/share/mmdebstrap/hooks/merged-usr';

/** @param trimScript executable that is run with the path of the root file system when all is installed */
export function mmdebstrapArgs(tree: DebianTree, packages: readonly string[], trimScript: string): string[] {
  const paths = [
    ...tree.exclude.map((path) => `path-exclude=${path}`),
    ...(tree.include ?? []).map((path) => `path-include=${path}`),
  ];
  return [
    `--variant=${tree.variant}`,
    '--format=tar',
    // Engines make /dev themselves, and without root nobody may make its nodes.
    '--skip=output/dev',
    ...paths.map((option) => `--dpkgopt=${option}`),
    `--include=${packages.join(',')}`,
    ...(tree.variant === 'minbase' ? [`--hook-dir=${MERGED_USR_HOOK}`, `--customize-hook=${trimScript}`] : []),
    tree.suite ?? SUITE,
  ];
}

/** A node has what its runtime needs, too. */
export async function packagesOf(tree: DebianTree, assets: BuildAssets, runtime?: BuildRuntime): Promise<string[]> {
  const list = async (path: string) => parsePackageList(await readFile(path, 'utf8'));
  const packages = await list(assets.path('packages', `${tree.name}.list`));
  if (tree.name !== 'node' || !runtime?.hasPackages) return packages;
  return [...packages, ...(await list(assets.path('runtimes', runtime.name, 'packages.list')))];
}

export interface DebianOptions {
  /** Of the node whose packages these are. */
  runtime?: BuildRuntime | undefined;
  /** Where mmdebstrap unpacks. */
  temporary: string;
  signal?: AbortSignal | undefined;
  detail(text: string): void;
}

/** Make a tree as a tar file. apt checks the signatures of the archive. */
export async function makeDebianTree(
  tree: DebianTree,
  assets: BuildAssets,
  output: string,
  options: DebianOptions,
): Promise<void> {
  const { temporary, runtime, signal, detail } = options;
  const trimScript = join(temporary, 'trim.sh');
  await copyFile(assets.path('build', 'trim.sh'), trimScript);
  await chmod(trimScript, 0o755);
  const args = mmdebstrapArgs(tree, await packagesOf(tree, assets, runtime), trimScript);
  await runGroup('mmdebstrap', [...args, output], {
    env: { TMPDIR: temporary },
    signal,
    onLine: (line) => {
      if (line.startsWith('I: ')) detail(line.slice(3));
    },
  });
}

/** Take single files out of a tree, whose members may be called `./etc/x` or `etc/x`. */
export async function extractFiles(tar: string, files: readonly string[], into: string): Promise<void> {
  const members = files.map((file) => file.slice(1));
  await run('tar', ['--extract', '--no-anchored', '--file', tar, '--directory', into, ...members]);
}
