import type { Mount } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CONTAINERD_CONFIG, KUBELET_SERVING_FILES, PKI_DIR } from '../../node/boot-files.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { isBelow, mountOver, mountPointOf, readMounted } from '../mounted.ts';

/** A node's files below it are written over what is at their place, which stays the file that it is (enter.sh). */
const IN_PLACE = '/kind/kinpod/in-place';

/**
 * A node's files, fitted to what the user has mounted into it. Keys of theirs stay as they are. The configuration of containerd is
 * written into, as by kind. Into a directory of theirs everything else is unpacked.
 * @throws {KinpodError} `mounted-over` where something is mounted at a file that must be kinpod's, `invalid-pki` where keys do not fit
 */
export async function fitToMounts(files: readonly NodeFile[], mounts: readonly Mount[]): Promise<NodeFile[]> {
  const hasServing = await hasServingPair(mounts);
  const fitted = files.map(async (file): Promise<NodeFile[]> => {
    const mount = mountOver(mounts, file.path);
    if (!mount) return [file];
    if (hasServing && KUBELET_SERVING_FILES.includes(file.path)) return [];
    if (isBelow(file.path, PKI_DIR) && (await isGiven(file, mounts))) return [];
    if (file.path === CONTAINERD_CONFIG && !mount.readOnly) return [{ ...file, path: `${IN_PLACE}${file.path}` }];
    if (mountPointOf(mount) !== file.path && !mount.readOnly) return [file];
    throw new KinpodError(
      `extraMounts: ${file.path} of a node is kinpod's to write, and ${mount.hostPath} is mounted ${mount.readOnly ? 'read-only ' : ''}at ${mount.containerPath}`,
      { code: 'mounted-over', hint: 'leave out the mount, or mount it elsewhere' },
    );
  });
  return (await Promise.all(fitted)).flat();
}

/** The kubelet takes both or makes both. */
async function hasServingPair(mounts: readonly Mount[]): Promise<boolean> {
  const [cert, key] = await Promise.all(KUBELET_SERVING_FILES.map((path) => readMounted(mounts, path)));
  if (Boolean(cert) === Boolean(key)) return Boolean(cert);
  const there = cert ?? key;
  throw new KinpodError(`${there?.hostPath} is mounted at ${there?.path} without its other half`, {
    code: 'invalid-pki',
    hint: `mount both or none of ${KUBELET_SERVING_FILES.join(' and ')}`,
  });
}

/** All control planes have the same; of the first one's, the cluster's are (given-pki.ts). */
async function isGiven(file: NodeFile, mounts: readonly Mount[]): Promise<boolean> {
  const there = await readMounted(mounts, file.path);
  if (!there) return false;
  if ('content' in file && there.content === file.content) return true;
  throw new KinpodError(`${there.hostPath}, which is mounted at ${there.path}, is not what the cluster has there`, {
    code: 'invalid-pki',
    hint: 'a cluster has the keys of its first control plane: mount the same files into all of them, or into that one alone',
  });
}
