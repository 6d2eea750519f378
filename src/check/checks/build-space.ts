import { join } from 'node:path';
import { cacheDir } from '../../exec/directories.ts';
import { type Check, failure, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import { gibibytes, statfsUpwards } from '../sizes.ts';

const GIB = 1024 ** 3;
/** Measured for Kubernetes 1.36: Go keeps 9 GiB of sources and compiled packages, kinpod 1.7 GiB, and 1.6 GiB while it works. */
const FIRST_BUILD = 12 * GIB;
/** What a build takes that finds most in its caches. */
const LATER_BUILD = 2 * GIB;

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
    const built = await host.exists(join(cache, 'node-image'));
    const needed = built ? LATER_BUILD : FIRST_BUILD;
    if (space.freeBytes < LATER_BUILD) return failure(`${reason}: not enough to build a node image`, fix);
    if (space.freeBytes < needed) return warning(`${reason}: a first build takes ${gibibytes(needed)}`, fix);
    return ok(reason);
  },
};
