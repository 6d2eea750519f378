import { join, resolve } from 'node:path';
import { normalize } from 'node:path/posix';
import type { Mount } from '../config/types.ts';

/**
 * What of this host is seen at a path of a node.
 * @param path absolute, in the node
 * @returns undefined where no mount of the user covers it
 */
export function mountedAt(mounts: readonly Mount[], path: string): string | undefined {
  const covering = mounts
    .map((mount) => ({ hostPath: mount.hostPath, at: normalize(`/${mount.containerPath}/`) }))
    .filter(({ at }) => `${path}/`.startsWith(at))
    // A mount in another one hides what that has there.
    .reduce<{ hostPath: string; at: string } | undefined>((best, m) => (best && best.at > m.at ? best : m), undefined);
  return covering && resolve(covering.hostPath, join('.', `${path}/`.slice(covering.at.length)));
}
