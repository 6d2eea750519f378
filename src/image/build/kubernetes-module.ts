import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maxSatisfying } from 'semver';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { run } from '../../exec/run.ts';
import type { BuildAssets } from './assets.ts';
import { type GoModule, kubernetesWrapper, parseGoMod, stagingModules, stagingVersion } from './go-module.ts';
import { goArch } from './oci-layout.ts';
import { GO_ENV, KUBERNETES_GROUP, tagsFor } from './programs.ts';

/** The release that the committed wrapper module pins. */
export async function pinnedKubernetesVersion(assets: BuildAssets): Promise<string> {
  const module = parseGoMod(await readFile(assets.path('modules', 'kubernetes', 'go.mod'), 'utf8'));
  const version = module.require.get('k8s.io/kubernetes');
  if (version === undefined)
    throw new Error('images/node/modules/kubernetes/go.mod does not require k8s.io/kubernetes');
  return version;
}

export interface ModuleOptions {
  /** A directory that is taken for k8s.io/kubernetes instead of the published module. */
  tree?: string;
  warn(line: string): void;
  signal?: AbortSignal | undefined;
}

/**
 * Write the wrapper module of a release that is not the pinned one. `go mod tidy` makes its go.sum; what it downloads is
 * checked against Go's checksum database.
 * @param release `v1.35.4`
 * @throws {KinpodError} `unknown-version` if the module proxy does not have the release
 */
export async function writeKubernetesModule(
  release: string,
  assets: BuildAssets,
  into: string,
  { tree, warn, signal }: ModuleOptions,
): Promise<void> {
  await mkdir(into, { recursive: true });
  const goMod = tree === undefined ? await downloadGoMod(release, into, signal) : join(tree, 'go.mod');
  const released = parseGoMod(await readFile(goMod, 'utf8'));
  const substitutes = await findSubstitutes(release, released, into, signal);
  const staging = new Map([...substitutes].filter((one): one is [string, string] => one[1] !== undefined));
  await writeFile(
    join(into, 'go.mod'),
    kubernetesWrapper(release, released, { staging, ...(tree !== undefined && { tree }) }),
  );
  await copyFile(assets.path('modules', 'kubernetes', 'tools.go'), join(into, 'tools.go'));
  const missing = [...substitutes].flatMap(([path, version]) => (version === undefined ? [path] : []));
  // -e: what is missing for good may be needed only by programs that nobody builds here.
  await run('go', ['mod', 'tidy', ...(missing.length > 0 ? ['-e'] : [])], { cwd: into, env: GO_ENV, signal });
  if (missing.length > 0) await checkComplete(release, missing, into, signal);

  const used = parseGoMod(await readFile(join(into, 'go.mod'), 'utf8')).require;
  for (const [path, version] of staging) {
    if (used.has(path)) warn(`the module proxy has no ${path} ${stagingVersion(release)}: ${version} is taken instead`);
  }
}

/** @throws {KinpodError} `unknown-version` if what is missing is needed */
async function checkComplete(
  release: string,
  missing: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tags = tagsFor(release).join(',');
  const packages = KUBERNETES_GROUP.programs.map((program) => program.package);
  const { exitCode, stderr } = await run('go', ['list', '-deps', '-mod=readonly', `-tags=${tags}`, ...packages], {
    cwd,
    env: GO_ENV,
    signal,
    allowFailure: true,
  });
  if (exitCode === 0) return;
  throw new KinpodError(`Kubernetes ${release} cannot be compiled: the Go module proxy lacks ${missing.join(', ')}`, {
    code: 'unknown-version',
    details: stderr.split('\n')[0],
    hint: `take the published programs: kinpod build node-image ${serverTarball(release)}\nor another proxy: GOPROXY`,
  });
}

/** Where Kubernetes publishes a release. */
function serverTarball(release: string): string {
  return `https://dl.k8s.io/${release}/kubernetes-server-linux-${goArch()}.tar.gz`;
}

/**
 * The staging modules that the proxy does not have in the release's version, with what can be taken instead: proxies keep what
 * was asked of them, and not everybody asks for every module. Between patches of one minor version they hardly change.
 */
async function findSubstitutes(
  release: string,
  released: GoModule,
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, string | undefined>> {
  const go = async (...args: string[]) =>
    (await run('go', args, { cwd, env: GO_ENV, signal, allowFailure: true })).stdout;
  const wanted = stagingVersion(release);
  const unlisted = substitutes(wanted, await go('list', '-e', '-m', '-versions', ...stagingModules(released)));
  if (unlisted.size === 0) return unlisted;
  // A proxy has more than it lists.
  const downloads = await go('mod', 'download', '-json', ...[...unlisted.keys()].map((path) => `${path}@${wanted}`));
  const there = new Set(downloaded(downloads));
  return new Map([...unlisted].filter(([path]) => !there.has(path)));
}

/** Paths of the modules that `go mod download -json` has got, of its answer for several: one object after the other. */
export function downloaded(output: string): string[] {
  const answers = output.split(/^(?=\{)/m).filter((text) => text.trim() !== '');
  return answers
    .map((text) => JSON.parse(text) as { Path: string; Error?: string })
    .flatMap(({ Path, Error: error }) => (error === undefined ? [Path] : []));
}

/**
 * @param wanted `v0.32.13`
 * @param listed lines as `go list -m -versions` prints them: `k8s.io/api v0.32.11 v0.32.12`
 * @returns for each module that is not listed with it: the nearest older patch of the same minor version, if there is one
 */
export function substitutes(wanted: string, listed: string): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (const [path = '', ...versions] of listed.split('\n').map((line) => line.trim().split(/\s+/))) {
    // None at all is no answer: a private proxy may not list, and have it all the same.
    if (versions.length === 0 || versions.includes(wanted)) continue;
    found.set(path, maxSatisfying(versions, `~${minorOf(wanted)} <${wanted.slice(1)}`) ?? undefined);
  }
  return found;
}

function minorOf(version: string): string {
  return version.slice(1).split('.').slice(0, 2).join('.');
}

/** @returns path of the release's own go.mod in Go's module cache */
async function downloadGoMod(release: string, cwd: string, signal?: AbortSignal): Promise<string> {
  const options = { cwd, env: GO_ENV, signal };
  const { stdout, stderr, exitCode } = await run('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${release}`], {
    ...options,
    allowFailure: true,
  });
  const answer = (stdout === '' ? {} : JSON.parse(stdout)) as { GoMod?: string; Error?: string };
  if (exitCode === 0 && answer.GoMod !== undefined) return answer.GoMod;
  const why = answer.Error ?? stderr;
  const versions = await run('go', ['list', '-m', '-versions', 'k8s.io/kubernetes'], {
    ...options,
    allowFailure: true,
  });
  throw new KinpodError(`Kubernetes ${release} cannot be had from the Go module proxy`, {
    code: 'unknown-version',
    details: why,
    hint: nearVersions(release, versions.stdout),
  });
}

/** What may have been meant: releases of the same minor version, else the newest ones. */
export function nearVersions(release: string, listed: string): string | undefined {
  const releases = listed.split(/\s+/).filter((v) => /^v1\.\d+\.\d+$/.test(v));
  const minor = release.split('.').slice(0, 2).join('.');
  const same = releases.filter((v) => v.startsWith(`${minor}.`));
  const offered = (same.length > 0 ? same : releases).slice(-5);
  return offered.length > 0 ? `there are ${offered.join(', ')}` : undefined;
}
