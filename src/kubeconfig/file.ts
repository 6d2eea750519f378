import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { goFileError } from '../errors/go-file-error.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';

/** A kubeconfig file that does not exist yet gets this mode: it holds private keys. */
const NEW_FILE_MODE = 0o600;

/** True for what must be written to and not replaced, such as /dev/null. */
export function isSpecialFile(path: string): boolean {
  try {
    const stats = statSync(path);
    return !stats.isFile() && !stats.isDirectory();
  } catch (error) {
    // What it is does not matter where it is not; why it cannot be used is said by whoever reads or writes it.
    if (isMissing(error)) return false;
    throw error;
  }
}

/** ENOTDIR: what should be a directory above it is a file. */
function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * @returns undefined if there is no such file; a device or pipe counts as empty
 * @throws {KinpodError} `kubeconfig-not-readable`
 */
export function readKubeconfigFile(path: string): string | undefined {
  try {
    return isSpecialFile(path) ? '' : readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new KinpodError(`cannot read the kubeconfig: ${messageOf(error)}`, {
      code: 'kubeconfig-not-readable',
      hint: 'name another file with --kubeconfig or $KUBECONFIG',
      cause: error,
      kindMessage: goFileError(error, path),
    });
  }
}

/**
 * Replace the file's content so that a reader sees the old text or the new one, never a part. A symbolic link stays and
 * its target is replaced; mode and owner stay as they are, a new file has mode 0600.
 * @throws {KinpodError} `kubeconfig-not-writable`, with the old content left in place
 */
export function writeKubeconfigFile(path: string, text: string): void {
  try {
    if (isSpecialFile(path)) writeFileSync(path, text);
    else replaceFile(followLinks(path), text);
  } catch (error) {
    throw new KinpodError(`cannot write the kubeconfig: ${messageOf(error)}`, {
      code: 'kubeconfig-not-writable',
      hint: 'name a file that can be written with --kubeconfig or $KUBECONFIG',
      cause: error,
    });
  }
}

function replaceFile(path: string, text: string): void {
  const old = statSync(path, { throwIfNoEntry: false });
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Date.now()}.tmp`);
  try {
    const fd = openSync(temporary, 'wx', NEW_FILE_MODE);
    writeFileSync(fd, text);
    fsyncSync(fd);
    closeSync(fd);
    if (old) takeOver(temporary, old);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    // EBUSY: a mount point of its own (a container with ~/.kube/config bind-mounted) cannot be replaced.
    // EPERM: what would be put in its place cannot be given to the file's owner.
    if (!['EBUSY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    writeFileSync(path, text);
  }
}

/** Under sudo the file stays its owner's. */
function takeOver(path: string, old: Stats): void {
  const own = statSync(path);
  if (own.uid !== old.uid || own.gid !== old.gid) chownSync(path, old.uid, old.gid);
  chmodSync(path, old.mode & 0o777);
}

/** As realpath, but a link may point to a file that is yet to be made. */
function followLinks(path: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? followLinks(resolve(dirname(path), readlinkSync(path))) : path;
}
