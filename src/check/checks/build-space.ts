import { cacheDir } from '../../exec/directories.ts';
import { type Check, failure, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import { gibibytes, statfsUpwards } from '../sizes.ts';

const GIB = 1024 ** 3;
/** Go's module and build caches, the root file system and the image's archive, as measured for Kubernetes 1.36. */
const NEEDED = 6 * GIB;

export const buildSpace: Check = {
  id: 'build-space',
  title: 'Disk space for building',
  scope: 'build',
  async look({ host }) {
    const cache = cacheDir(host.env);
    const space = await statfsUpwards(host, cache);
    if (space === undefined) return undefined;
    const reason = `${gibibytes(space.freeBytes)} free at ${cache}`;
    const fix = advice('make room, or name another disk with XDG_CACHE_HOME');
    // A build that has most in its caches gets by with much less.
    if (space.freeBytes < GIB) return failure(`${reason}: not enough to build a node image`, fix);
    if (space.freeBytes < NEEDED) return warning(`${reason}: a first build takes ${gibibytes(NEEDED)}`, fix);
    return ok(reason);
  },
};
