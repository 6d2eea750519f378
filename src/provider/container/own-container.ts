import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';

/** Milliseconds for each question. */
const LIMIT_MS = 20_000;

/** This container as an engine knows it. */
export interface OwnContainer {
  id: string;
  /** Image that it was made from. */
  image: string;
  /** Names of the networks that it is in. */
  networks: readonly string[];
}

/** @returns undefined where it is not that engine's: a Pod, or a container of another engine */
export async function ownContainer(command: string): Promise<OwnContainer | undefined> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const name = containerIdIn(mounts) ?? hostname();
  const { stdout, exitCode } = await run(command, ['inspect', '--type=container', name], {
    allowFailure: true,
    timeoutMs: scaled(LIMIT_MS),
  });
  if (exitCode !== 0) return undefined;
  const [found] = JSON.parse(stdout) as Inspected[];
  if (!found) return undefined;
  return { id: found.Id, image: found.Image, networks: Object.keys(found.NetworkSettings?.Networks ?? {}) };
}

interface Inspected {
  Id: string;
  Image: string;
  NetworkSettings?: { Networks?: Record<string, unknown> | null };
}

/**
 * The ID by which engines name the directory of the files that they mount over /etc/hosts and the like:
 * `…/overlay-containers/ID/userdata/hosts` of Podman's, `…/containers/ID/hosts` of Docker's. A host name can be chosen, and
 * /run/.containerenv tells it only to privileged containers.
 * @param mountinfo /proc/self/mountinfo
 */
export function containerIdIn(mountinfo: string): string | undefined {
  return /\/(?:overlay-|vfs-|btrfs-|zfs-)?containers\/([0-9a-f]{64})\/(?:userdata\/)?(?:hosts|hostname|resolv\.conf)\s/.exec(
    mountinfo,
  )?.[1];
}
