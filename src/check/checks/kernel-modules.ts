import { type Check, failure, ok } from '../check.ts';
import { advice } from '../fixes.ts';
import { words } from '../host-facts.ts';

/** File systems that containerd in a node may unpack images with. */
const LAYERED = ['overlay', 'fuse'];

export const kernelModules: Check = {
  id: 'kernel-modules',
  title: 'Kernel modules',
  scope: 'run',
  async look({ host, facts }) {
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
