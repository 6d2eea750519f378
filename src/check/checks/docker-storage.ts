import { type Check, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';

export const dockerStorage: Check = {
  id: 'docker-storage',
  title: "Docker's storage",
  scope: 'run',
  anywhere: true,
  engines: ['docker'],
  look({ docker: { info } }) {
    if (info?.Driver === undefined) return undefined;
    const backing = (info.DriverStatus ?? []).find(([name]) => name === 'Backing Filesystem')?.[1];
    const found = `${info.Driver}${backing ? ` on ${backing}` : ''}`;
    const change =
      'set "storage-driver": "overlay2" in /etc/docker/daemon.json (Docker then does not see its present images)';
    if (info.Driver === 'vfs') {
      return warning(`${found} copies the whole image for every node: slow, and much disk`, advice(change));
    }
    if (info.Driver === 'fuse-overlayfs') {
      return warning(`${found}: works, slower than the kernel's own`, advice(`on a kernel 5.13 or newer, ${change}`));
    }
    return ok(found);
  },
};
