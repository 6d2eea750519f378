import { lstatSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';

/** Where kinpod caches what it can make again: `$XDG_CACHE_HOME/kinpod`, default `~/.cache/kinpod`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kinpod');
}

/**
 * For locks and records between processes of one user: `$XDG_RUNTIME_DIR/kinpod`, else a directory of the user's in the temporary directory.
 * @throws {KinpodError} `foreign-directory` where somebody else has made that one: who writes there says which processes kinpod ends
 */
export function runtimeDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'kinpod');
  const uid = process.getuid?.();
  const dir = join(env.TMPDIR || tmpdir(), `kinpod-${uid ?? 'user'}`);
  const found = lstatSync(dir, { throwIfNoEntry: false });
  if (found && (!found.isDirectory() || (uid !== undefined && found.uid !== uid) || (found.mode & 0o022) !== 0)) {
    throw new KinpodError(`${dir} is not a directory that only you can write to`, {
      code: 'foreign-directory',
      hint: 'remove it, or set XDG_RUNTIME_DIR to a directory of your own',
    });
  }
  return dir;
}
