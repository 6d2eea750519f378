import { KinpodError } from '../../errors/kinpod-error.ts';
import { run } from '../../exec/run.ts';
import type { BuildEngine } from './engine.ts';
import type { LayerEntry } from './layer.ts';
import type { BuildRuntime } from './node-runtime.ts';

/** An image whose root file system a node gets instead of Debian's packages. */
export interface BaseImage {
  reference: string;
  id: string;
}

/** What kinpod's own files in a node call or replace, by what it is for: one of the paths must be there. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  systemd: ['usr/lib/systemd/systemd', 'lib/systemd/systemd'],
  bash: ['usr/bin/bash', 'bin/bash'],
  'mount (util-linux)': ['usr/bin/mount', 'bin/mount'],
  'ip (iproute2)': ['usr/sbin/ip', 'sbin/ip', 'usr/bin/ip', 'bin/ip'],
  iptables: ['usr/sbin/iptables', 'sbin/iptables'],
  curl: ['usr/bin/curl'],
  tar: ['usr/bin/tar', 'bin/tar'],
  'CNI plugins (ptp, in /opt/cni/bin)': ['opt/cni/bin/ptp'],
  'CA certificates': ['etc/ssl/certs/ca-certificates.crt'],
};

/** @throws {KinpodError} `image-not-found` if it is neither here nor in a registry that answers */
export async function findBaseImage(engine: BuildEngine, reference: string, signal?: AbortSignal): Promise<BaseImage> {
  const here = await engine.findId(reference);
  if (here) return { reference, id: here };
  try {
    return { reference, id: await engine.pull(reference, signal) };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new KinpodError(`the base image "${reference}" is not here and cannot be pulled`, {
      code: 'image-not-found',
      details: cause instanceof KinpodError ? cause.details : String(cause),
      hint: 'leave out --base-image for a root file system of Debian packages',
      cause,
    });
  }
}

/** Write the root file system of a base image as a tar. @throws {KinpodError} `bad-base-image` */
export async function makeBaseTree(
  engine: BuildEngine,
  { reference, id }: BaseImage,
  output: string,
  runtime: BuildRuntime,
  signal?: AbortSignal,
): Promise<void> {
  await engine.exportImage(id, output, signal);
  const { stdout } = await run('tar', ['--list', '--file', output], { signal });
  const missing = missingInBase(stdout.split('\n'), runtime);
  if (missing.length === 0) return;
  throw new KinpodError(`"${reference}" cannot be the base of a node image`, {
    code: 'bad-base-image',
    details: `it has no ${missing.join(', no ')}`,
    hint: 'make it from a node image, from docker.io/kindest/base, or leave out --base-image',
  });
}

/** @param paths names of a tar's members @returns what is not there, in words */
export function missingInBase(paths: Iterable<string>, { neededInBase }: BuildRuntime): string[] {
  const there = new Set([...paths].map((path) => path.replace(/^\.?\//, '')));
  return Object.entries({ ...NEEDED, ...neededInBase }).flatMap(([what, places]) =>
    places.some((path) => there.has(path)) ? [] : [what],
  );
}

/**
 * Hides what a base that is a node image has of containers' images: mixed with the new ones it would be neither.
 * (Opaque whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md)
 */
export function hideImagesOfBase(): LayerEntry[] {
  return ['/var/lib/containerd', '/var/lib/containers', '/kind/seed'].map((dir) => whiteout(`${dir}/.wh..wh..opq`));
}

function whiteout(path: string): LayerEntry {
  return { type: 'file', path, mode: 0o644, content: '' };
}

const WANTED = '/etc/systemd/system/multi-user.target.wants';

/** A base that is a node image with another runtime is not to start that. */
export function disabledUnits({ unit }: BuildRuntime): LayerEntry[] {
  return ['containerd', 'crio']
    .filter((other) => other !== unit)
    .map((other) => whiteout(`${WANTED}/.wh.${other}.service`));
}

/** Links by which systemd starts a node's own units. */
export function enabledUnits({ unit: runtime }: BuildRuntime): LayerEntry[] {
  return [runtime, 'kubelet', 'undo-mount-hacks'].map((unit) => ({
    type: 'symlink',
    path: `${WANTED}/${unit}.service`,
    target: `/etc/systemd/system/${unit}.service`,
  }));
}
