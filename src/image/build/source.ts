import { valid } from 'semver';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { parseChecksum } from './checksum.ts';
import type { KubernetesSource } from './kubernetes-source.ts';
import { releaseSource } from './source-release.ts';
import { tarballSource } from './source-tarball.ts';
import { treeSource } from './source-tree.ts';
import { detectSourceType, type SourceType } from './source-type.ts';
import { ciSource, urlSource } from './source-url.ts';

/** The release whose modules are committed with their checksums. */
export const DEFAULT_KUBERNETES_VERSION = '1.36.3';

/** Where Kubernetes' own CI puts its builds. */
const CI_SERVER = 'https://dl.k8s.io';

/** Which Kubernetes a node image gets. */
export interface SourceOptions {
  /**
   * As kind takes it: a release (`v1.36.3`), a server tarball by its path or address, a marker of Kubernetes' CI
   * (`ci/latest`), or a source directory.
   */
  source?: string | undefined;
  /** What `source` is. Default: what it looks like. With `source` alone, the directory is looked for where kind does. */
  type?: SourceType | undefined;
  /**
   * Without `source`: the release, `1.36.3` or `v1.36.3`, default {@link DEFAULT_KUBERNETES_VERSION}.
   * With a source directory: the version that it is of, where neither git nor its name tells.
   */
  kubernetesVersion?: string | undefined;
  /** Of the tarball: `sha512:HEX` or `sha256:HEX`. Default: what lies beside it, `<tarball>.sha512` or `.sha256`. */
  checksum?: string | undefined;
}

/**
 * @param onDetected told the type where the user has not
 * @throws {KinpodError} `usage`, `unknown-source`, `bad-version`
 */
export function kubernetesSource(options: SourceOptions, onDetected?: (type: SourceType) => void): KubernetesSource {
  const { source, kubernetesVersion } = options;
  const type = options.type ?? (source === undefined ? 'release' : detectSourceType(source));
  const checksum = options.checksum === undefined ? undefined : parseChecksum(options.checksum);
  if (checksum && !['url', 'file', 'ci'].includes(type))
    throw usage('--checksum is for tarballs; Go verifies its modules itself');
  if (kubernetesVersion !== undefined && source !== undefined && type !== 'source') {
    throw usage(`the version comes from "${source}": leave out --k8s-version`);
  }
  if (source !== undefined && options.type === undefined) onDetected?.(type);
  switch (type) {
    case 'release':
      return releaseSource(source === undefined ? releaseOf(kubernetesVersion) : namedRelease(source));
    case 'ci':
      return ciSource(source || 'latest', checksum, CI_SERVER);
    case 'source':
      return treeSource(source, kubernetesVersion === undefined ? undefined : releaseOf(kubernetesVersion));
    case 'url':
      return urlSource(webAddress(needed(source, 'the address of a release')), checksum);
    case 'file':
      return tarballSource(needed(source, 'the path of a release'), checksum);
  }
}

/** @throws {KinpodError} `bad-version` */
function releaseOf(version = DEFAULT_KUBERNETES_VERSION): string {
  if (!/^v?1\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
    throw new KinpodError(`"${version}" is not a release of Kubernetes`, {
      code: 'bad-version',
      hint: `name one in full, like ${DEFAULT_KUBERNETES_VERSION}`,
    });
  }
  return withV(version);
}

/** In kind's words. */
function namedRelease(text: string): string {
  if (!valid(text)) throw new KinpodError(`${text} is not a valid kubernetes version`, { code: 'bad-version' });
  return releaseOf(text);
}

export function withV(version: string): string {
  return version.startsWith('v') ? version : `v${version}`;
}

function needed(source: string | undefined, what: string): string {
  if (source === undefined) throw usage(`${what} is missing`);
  return source;
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  throw new KinpodError(`"${text}" is not an address of the web`, {
    code: 'unknown-source',
    hint: 'it begins with https:// or http://',
  });
}

function usage(message: string): KinpodError {
  return new KinpodError(message, { code: 'usage', hint: 'kinpod build node-image --help' });
}
