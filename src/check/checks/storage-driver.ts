import { type Check, ok, warning } from '../check.ts';
import { advice, installing } from '../fixes.ts';

export const storageDriver: Check = {
  id: 'storage-driver',
  title: 'Storage driver',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { podman, host, rootless } = context;
    const store = podman.info?.store;
    if (store?.graphDriverName === undefined) return undefined;
    const driver = store.graphDriverName;
    const fuse = await host.exists('/dev/fuse');
    if (driver === 'vfs') {
      const reason = 'vfs copies the whole image for every node: slow, and much disk';
      const reset = 'then `podman system reset` (it removes every container and image)';
      if (!rootless) return warning(reason, advice(`set driver = "overlay" in /etc/containers/storage.conf, ${reset}`));
      if (fuse && !(await host.which('fuse-overlayfs'))) {
        const fix = installing(context, ['rootless'], 'install fuse-overlayfs');
        return warning(reason, { ...fix, afterwards: `set driver = "overlay" in storage.conf, ${reset}` });
      }
      return warning(reason, advice(`use a kernel 5.13 or newer, or load the module fuse for /dev/fuse, ${reset}`));
    }
    // Native overlay reports "Native Overlay Diff"; fuse-overlayfs is a mount_program among the options.
    const program = Object.keys(store.graphOptions ?? {}).some((key) => key.endsWith('mount_program'));
    if (!program) return ok(`${driver}, native`);
    if (!fuse) return warning(`${driver} by fuse-overlayfs, but /dev/fuse does not exist`, advice('modprobe fuse'));
    return warning(
      `${driver} by fuse-overlayfs: works, slower than the kernel's own`,
      advice('remove mount_program from storage.conf on a kernel 5.13 or newer, then `podman system reset`'),
    );
  },
};
