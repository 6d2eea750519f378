import { existsSync } from 'node:fs';
import { normalize } from 'node:path/posix';
import type { Mount } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CONTAINERD_CONFIG, PKI_DIR } from '../../node/boot-files.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { mountedAt } from '../mounted.ts';

/** Keys and certificates in there are the user's, where a mount has them already. kubeadm and the kubelet take what they find. */
const KEYS = [`${PKI_DIR}/`, '/var/lib/kubelet/pki/'];

/** A node's files below it are written over what is at their place, which stays the file that it is (enter.sh). */
const IN_PLACE = '/kind/kinpod/in-place';

/**
 * A node's files, fitted to what the user has mounted into it: nothing of the user's is replaced but the configuration of containerd, into
 * which kind writes its patches too.
 * @throws {KinpodError} `mounted-over` where something is mounted at a file that must be kinpod's
 */
export function fitToMounts(files: readonly NodeFile[], mounts: readonly Mount[]): NodeFile[] {
  return files.flatMap((file) => {
    const hostPath = mountedAt(mounts, file.path);
    if (hostPath === undefined) return [file];
    if (KEYS.some((dir) => file.path.startsWith(dir)) && existsSync(hostPath)) return [];
    if (file.path === CONTAINERD_CONFIG) return [{ ...file, path: `${IN_PLACE}${file.path}` }];
    if (!mounts.some(({ containerPath }) => normalize(`/${containerPath}`) === file.path)) return [file];
    throw new KinpodError(
      `extraMounts: ${file.path} of a node is kinpod's to write, and ${hostPath} is mounted there`,
      {
        code: 'mounted-over',
        hint: 'leave out the mount, or mount it elsewhere',
      },
    );
  });
}
