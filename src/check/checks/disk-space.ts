import { type Check, failure, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import { gibibytes, statfsUpwards } from '../sizes.ts';

const GIB = 1024 ** 3;
/** Where Podman keeps images unless `podman info` tells another place. */
const DEFAULT_GRAPH_ROOT = '/var/lib/containers/storage';

export const diskSpace: Check = {
  id: 'disk-space',
  title: 'Disk space for images and nodes',
  scope: 'run',
  async look({ host, engine, podman, docker }) {
    const root = podman.info?.store.graphRoot ?? docker.info?.DockerRootDir ?? DEFAULT_GRAPH_ROOT;
    const space = await statfsUpwards(host, root);
    if (space === undefined) return undefined;
    const reason = `${gibibytes(space.freeBytes)} free at ${root}`;
    const fix = advice(
      `make room: \`${engine} image prune\` removes images that no tag names; \`${engine} system df\` tells more`,
    );
    // A node image has 1.3 GB, and a node starts to evict pods when the disk is full.
    if (space.freeBytes < GIB) return failure(`${reason}: not enough for a node`, fix);
    if (space.freeBytes < 5 * GIB) return warning(`${reason}: little for an image and its nodes`, fix);
    return ok(reason);
  },
};
