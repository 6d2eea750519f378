import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { run } from '../../exec/run.ts';
import type { BuildAssets } from './assets.ts';
import { kubernetesWrapper, parseGoMod } from './go-module.ts';
import { GO_ENV } from './programs.ts';

/** The release that the committed wrapper module pins. */
export async function pinnedKubernetesVersion(assets: BuildAssets): Promise<string> {
  const module = parseGoMod(await readFile(assets.path('modules', 'kubernetes', 'go.mod'), 'utf8'));
  const version = module.require.get('k8s.io/kubernetes');
  if (version === undefined)
    throw new Error('images/node/modules/kubernetes/go.mod does not require k8s.io/kubernetes');
  return version;
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
  signal?: AbortSignal,
): Promise<void> {
  const goMod = await downloadGoMod(release, into, signal);
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'go.mod'), kubernetesWrapper(release, parseGoMod(await readFile(goMod, 'utf8'))));
  await copyFile(assets.path('modules', 'kubernetes', 'tools.go'), join(into, 'tools.go'));
  await run('go', ['mod', 'tidy'], { cwd: into, env: GO_ENV, signal });
}

/** @returns path of the release's own go.mod in Go's module cache */
async function downloadGoMod(release: string, cwd: string, signal?: AbortSignal): Promise<string> {
  await mkdir(cwd, { recursive: true });
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
