import { type Stats, statSync } from 'node:fs';
import { valid } from 'semver';
import { KinpodError } from '../../errors/kinpod-error.ts';

/** Kinds of sources, as kind's `--type` names them (pkg/cmd/kind/build/nodeimage). */
const SOURCE_TYPES = ['url', 'file', 'release', 'ci', 'source'] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

/**
 * What a source is when nobody says, in kind's order: what exists as a file counts before what reads like a version.
 * @throws {KinpodError} `unknown-source`
 */
export function detectSourceType(source: string, stat: (path: string) => Stats | undefined = lookAt): SourceType {
  if (/^https?:\/\//i.test(source)) return 'url';
  const found = stat(source);
  if (found?.isFile()) return 'file';
  if (found?.isDirectory()) return 'source';
  if (source.startsWith('ci/')) return 'ci';
  if (valid(source)) return 'release';
  throw new KinpodError(`"${source}" is no URL, file, directory or version of Kubernetes`, {
    code: 'unknown-source',
    hint: 'for example v1.36.3, kubernetes-server-linux-amd64.tar.gz, or the directory of a Kubernetes checkout',
  });
}

function lookAt(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
