import semver from 'semver';
import { type Check, type CheckContext, failure, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import { words } from '../host-facts.ts';

/** File systems that containerd in a node may unpack images with. */
const LAYERED = ['overlay', 'fuse'];

/** Since then a user namespace may mount overlayfs (https://kernelnewbies.org/Linux_5.11). */
const OVERLAY_FOR_USERS = '5.11.0';
/** These have let it earlier, by patches of their own. */
const PATCHED = ['debian', 'ubuntu'];

export const kernelModules: Check = {
  id: 'kernel-modules',
  title: 'Kernel modules',
  scope: 'run',
  async look(context) {
    const { host, facts } = context;
    const tooOld = context.rootless ? await kernelWithoutOverlay(context) : undefined;
    if (tooOld !== undefined) {
      return warning(
        `Linux ${tooOld} may not mount overlayfs in a user namespace (${OVERLAY_FOR_USERS} does): nodes copy every layer`,
        advice('use node images with packed images: kinpod build node-image --image-store packed'),
      );
    }
    if (facts.modulesDir) return ok('/lib/modules exists');
    const fileSystems = words(await host.readFile('/proc/filesystems'));
    if (!LAYERED.some((name) => fileSystems.includes(name))) {
      return failure(
        'no /lib/modules, and the kernel has no overlay file system: nodes could not unpack images',
        advice('use a kernel with CONFIG_OVERLAY_FS, or with its modules in /lib/modules'),
      );
    }
    return ok('no /lib/modules: kinpod does not mount it; what nodes need is built into the kernel');
  },
};

/** @returns the version of a kernel that is too old; a node tries it all the same (images/node/runtimes/containerd/rootfs/kind/lib/runtime.sh) */
async function kernelWithoutOverlay({ host, distribution }: CheckContext): Promise<string | undefined> {
  const release = semver.coerce(await host.readFile('/proc/sys/kernel/osrelease'));
  if (release === null || PATCHED.includes(distribution.id)) return undefined;
  return semver.lt(release, OVERLAY_FOR_USERS) ? release.version : undefined;
}
