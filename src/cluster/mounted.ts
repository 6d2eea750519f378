import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { normalize } from 'node:path/posix';
import type { Mount } from '../config/types.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';

/** Where a mount is in a node, without a slash at its end; '' is the root. */
export function mountPointOf({ containerPath }: Pick<Mount, 'containerPath'>): string {
  return normalize(`/${containerPath}`).replace(/\/$/, '');
}

/** Whether a path is the directory, or in it. Both are absolute and normal; '' and '/' are the root. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

/** The mount of which a path of a node is a part: the innermost one. */
export function mountOver(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts
    .filter((mount) => isBelow(path, mountPointOf(mount)))
    .reduce<Mount | undefined>(
      (best, mount) => (best && mountPointOf(best).length > mountPointOf(mount).length ? best : mount),
      undefined,
    );
}

/**
 * What of this host is seen at a path of a node.
 * @param path absolute, in the node
 * @returns undefined where no mount of the user covers it
 */
export function mountedAt(mounts: readonly Mount[], path: string): string | undefined {
  const mount = mountOver(mounts, path);
  return mount && resolve(mount.hostPath, join('.', path.slice(mountPointOf(mount).length)));
}

/** A file of the user's, as it is in a node and on this host. */
export interface MountedFile {
  path: string;
  hostPath: string;
  content: string;
}

/**
 * @param path absolute, in the node
 * @returns undefined where no mount covers it, or the mounted directory lacks it
 * @throws {KinpodError} `unreadable-mount` where one cannot know, or not know what it is
 */
export async function readMounted(mounts: readonly Mount[], path: string): Promise<MountedFile | undefined> {
  const hostPath = mountedAt(mounts, path);
  if (hostPath === undefined) return undefined;
  try {
    return { path, hostPath, content: await readFile(hostPath, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KinpodError(`cannot read ${hostPath}, which is mounted at ${path}`, {
      code: 'unreadable-mount',
      details: messageOf(error),
      hint: 'the cluster is built on what it says: make it readable, or leave out the mount',
    });
  }
}
