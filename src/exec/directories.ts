import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where kinpod caches what it can make again: `$XDG_CACHE_HOME/kinpod`, default `~/.cache/kinpod`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kinpod');
}

/** For locks between processes of one user: `$XDG_RUNTIME_DIR/kinpod`, else a directory of the user's in the temporary directory. */
export function runtimeDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.XDG_RUNTIME_DIR
    ? join(env.XDG_RUNTIME_DIR, 'kinpod')
    : join(tmpdir(), `kinpod-${process.getuid?.() ?? 'user'}`);
}
