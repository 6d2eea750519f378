import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { run } from '../../exec/run.ts';
import type { ModuleVersion } from './compile.ts';
import { GO_ENV } from './programs.ts';

/** A directory with the source of Kubernetes. */
export interface Checkout extends ModuleVersion {
  /** Absolute. */
  dir: string;
}

/**
 * @param dir undefined: where kind looks, the current directory and GOPATH
 * @param version what the user says it is
 * @throws {KinpodError} `not-a-checkout`, `unknown-version`
 */
export async function readCheckout(
  dir: string | undefined,
  version: string | undefined,
  signal?: AbortSignal,
): Promise<Checkout> {
  const found = dir === undefined ? await findCheckout(signal) : resolve(dir);
  if (!isCheckout(found)) {
    throw new KinpodError(`"${dir}" is not a source directory of Kubernetes`, {
      code: 'not-a-checkout',
      hint: 'its go.mod says: module k8s.io/kubernetes',
    });
  }
  const git = await gitVersion(found, signal);
  const named = version ?? git?.version ?? versionInName(basename(found));
  if (named === undefined) {
    throw new KinpodError(`nothing tells which version of Kubernetes "${found}" is`, {
      code: 'unknown-version',
      hint: 'name the release that it comes from: --k8s-version 1.36.3',
    });
  }
  const madeAt = git?.madeAt ?? statSync(join(found, 'go.mod')).mtime.toISOString();
  return { dir: found, version: named.startsWith('v') ? named : `v${named}`, madeAt };
}

/** A whole checkout has its staging modules; the Go module of the same name has not. */
export function hasStaging(dir: string): boolean {
  return existsSync(join(dir, 'staging', 'src', 'k8s.io', 'api', 'go.mod'));
}

function isCheckout(dir: string): boolean {
  const goMod = join(dir, 'go.mod');
  return existsSync(goMod) && /^module k8s\.io\/kubernetes$/m.test(readFileSync(goMod, 'utf8'));
}

/** Where kind looks when it is told nothing (pkg/build/nodeimage/internal/kube/source.go). */
async function findCheckout(signal: AbortSignal | undefined): Promise<string> {
  const gopath = (await run('go', ['env', 'GOPATH'], { env: GO_ENV, signal })).stdout;
  const places = [
    process.cwd(),
    join(gopath, 'src', 'k8s.io', 'kubernetes'),
    join(gopath, 'src', 'github.com', 'kubernetes', 'kubernetes'),
  ];
  const found = places.find(isCheckout);
  if (found !== undefined) return found;
  throw new KinpodError(
    `error finding kuberoot: could not find Kubernetes source under current working directory or GOPATH=${gopath}`,
    { code: 'not-a-checkout', hint: 'name its directory: kinpod build node-image DIR' },
  );
}

/** What git says, if this directory is the top of a work tree with a tag of a release behind it. */
async function gitVersion(dir: string, signal: AbortSignal | undefined): Promise<ModuleVersion | undefined> {
  if (!existsSync(join(dir, '.git'))) return undefined;
  const top = realpathSync(dir);
  // It may belong to somebody else, which git refuses unless told; what is compiled from it is run here anyway (kubeadm).
  const options = ['-C', top, '-c', `safe.directory=${top}`];
  const git = async (...args: string[]) =>
    (await run('git', [...options, ...args], { signal, allowFailure: true })).stdout;
  const described = versionFromGit(await git('describe', '--tags', '--match=v*', '--abbrev=14'));
  if (described === undefined) return undefined;
  const dirty = (await git('status', '--porcelain', '--untracked-files=no')) !== '';
  const madeAt = new Date(Number(await git('log', '-1', '--format=%ct')) * 1000).toISOString();
  return { version: dirty ? `${described}-dirty` : described, madeAt };
}

/**
 * A version by semver's rules of what `git describe` prints, as hack/lib/version.sh of Kubernetes makes it:
 * `v1.36.3-5-gabcdef…` is `v1.36.3-5+abcdef…`, `v1.37.0-alpha.1-5-gabcdef…` is `v1.37.0-alpha.1.5+abcdef…`.
 */
export function versionFromGit(described: string): string | undefined {
  const [, tag, commits, hash] = /^(v\d[^ ]*?)(?:-(\d+)-g([0-9a-f]+))?$/.exec(described.trim()) ?? [];
  if (tag === undefined) return undefined;
  if (commits === undefined) return tag;
  return `${tag}${tag.includes('-') ? '.' : '-'}${commits}+${hash}`;
}

/** Archives unpack to `kubernetes-1.36.3`, and Go's module cache has `kubernetes@v1.36.3`. */
export function versionInName(name: string): string | undefined {
  return /^kubernetes[-@]v?(\d+\.\d+\.\d+(-[\w.]+)?)$/.exec(name)?.[1];
}
