import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { CommandError, type RunResult, run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { engineUnreachable } from './unreachable.ts';

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

/**
 * @param id this container's, or what its ID begins with
 * @returns undefined where it is not that engine's: a Pod, or a container of another engine
 * @throws {KinpodError} `engine-unreachable`, CommandError: the engine has not told
 */
export async function ownContainer(command: string, id = ownId()): Promise<OwnContainer | undefined> {
  const begin = await id;
  const answer = begin && (await inspect(command, begin));
  const [found] = answer ? (JSON.parse(answer.stdout) as Inspected[]) : [];
  // Engines take a name first, and another container may be called like that.
  if (!begin || !found?.Id.startsWith(begin)) return undefined;
  return { id: found.Id, image: found.Image, networks: Object.keys(found.NetworkSettings?.Networks ?? {}) };
}

/** @returns undefined where there is no such container */
async function inspect(command: string, id: string): Promise<RunResult | undefined> {
  try {
    return await run(command, ['inspect', '--type=container', id], { timeoutMs: scaled(LIMIT_MS) });
  } catch (error) {
    if (error instanceof CommandError && /no such (?:container|object)/i.test(error.stderr)) return undefined;
    throw engineUnreachable(error) ?? error;
  }
}

async function ownId(): Promise<string | undefined> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return containerIdIn(mounts) ?? containerIdOf(hostname());
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

/** What the ID begins with, by the host name that engines choose where nobody else does. A Pod's name proves nothing to an engine. */
export function containerIdOf(hostName: string): string | undefined {
  return /^[0-9a-f]{12}$/.test(hostName) ? hostName : undefined;
}
