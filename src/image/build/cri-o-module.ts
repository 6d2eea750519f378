import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { run } from '../../exec/run.ts';
import type { BuildAssets } from './assets.ts';
import { parseGoMod } from './go-module.ts';
import { GO_ENV, type ProgramGroup } from './programs.ts';

const MODULE = 'github.com/cri-o/cri-o';

export const CRIO_GROUP: ProgramGroup = {
  module: 'cri-o',
  title: 'CRI-O',
  from: MODULE,
  programs: [{ name: 'crio', package: `${MODULE}/cmd/crio` }],
  // Drivers and signatures that would need further C libraries. Seccomp needs one, and without it CRI-O drops every profile in
  // silence. The last two: what a static program resolves names by.
  tags: [
    'containers_image_openpgp',
    'containers_image_ostree_stub',
    'exclude_graphdriver_btrfs',
    'exclude_graphdriver_devicemapper',
    'btrfs_noversion',
    'seccomp',
    'netgo',
    'osusergo',
  ],
  cgo: true,
  variables: (_, madeAt) => ({ [`${MODULE}/internal/version.buildDate`]: madeAt }),
};

/** The version that the committed wrapper module pins. */
export async function pinnedCrioVersion(assets: BuildAssets): Promise<string | undefined> {
  const module = parseGoMod(await readFile(assets.path('modules', CRIO_GROUP.module, 'go.mod'), 'utf8'));
  return module.require.get(MODULE);
}

/**
 * Write the wrapper module of a version that is not the pinned one. CRI-O's own go.sum comes first: it vouches for what the public
 * database of checksums does not have; `go mod tidy` checks the rest against that.
 * @param version `v1.33.0`
 * @throws {KinpodError} `unknown-version` if the module proxy does not have it
 */
export async function writeCrioModule(
  version: string,
  assets: BuildAssets,
  into: string,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(into, { recursive: true });
  const dir = await download(version, into, signal);
  const released = parseGoMod(await readFile(join(dir, 'go.mod'), 'utf8'));
  await writeFile(join(into, 'go.mod'), crioWrapper(version, released.go, released.replace));
  await copyFile(join(dir, 'go.sum'), join(into, 'go.sum'));
  // Modules in Go's cache may not be written to, nor may their copies.
  await chmod(join(into, 'go.sum'), 0o644);
  await copyFile(assets.path('modules', CRIO_GROUP.module, 'tools.go'), join(into, 'tools.go'));
  await run('go', ['mod', 'tidy'], { cwd: into, env: GO_ENV, signal });
}

/** @param replace as in CRI-O's own go.mod; what it replaces by directories of its own tree is left out */
export function crioWrapper(version: string, go: string | undefined, replace: ReadonlyMap<string, string>): string {
  const replacements = [...replace].filter(([, to]) => !to.startsWith('.')).map(([from, to]) => `\t${from} => ${to}`);
  return [
    'module kinpod.dev/node/cri-o',
    '',
    ...(go === undefined ? [] : [`go ${go}`, '']),
    `require ${MODULE} ${version}`,
    '',
    ...(replacements.length > 0 ? ['replace (', ...replacements, ')', ''] : []),
  ].join('\n');
}

async function download(version: string, cwd: string, signal: AbortSignal | undefined): Promise<string> {
  const options = { cwd, env: GO_ENV, signal, allowFailure: true };
  const { stdout, stderr, exitCode } = await run('go', ['mod', 'download', '-json', `${MODULE}@${version}`], options);
  const answer = (stdout === '' ? {} : JSON.parse(stdout)) as { Dir?: string; Error?: string };
  if (exitCode === 0 && answer.Dir !== undefined) return answer.Dir;
  const versions = await run('go', ['list', '-m', '-versions', MODULE], options);
  const known = versions.stdout.split(/\s+/).filter((one) => /^v1\.\d+\.\d+$/.test(one));
  throw new KinpodError(`CRI-O ${version} cannot be had from the Go module proxy`, {
    code: 'unknown-version',
    details: answer.Error ?? stderr,
    hint: known.length > 0 ? `it lists ${known.slice(-5).join(', ')}` : undefined,
  });
}
