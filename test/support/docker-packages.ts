import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheDir } from '../../src/exec/directories.ts';
import { onPath } from '../../src/exec/on-path.ts';
import { CommandError, run } from '../../src/exec/run.ts';

/** Packages of Debian and Ubuntu with the programs of a Docker daemon; the last one only newer releases have. */
const PACKAGES = ['docker.io', 'containerd', 'runc', 'tini'];
const CLI_PACKAGE = 'docker-cli';

/** Milliseconds that fetching them may take on a slow line. */
const LIMIT_MS = 5 * 60_000;

/**
 * Directories to be put before $PATH so that dockerd, what it runs, and docker are found. Those of the machine, where it has a
 * dockerd; else unpacked from the distribution's packages into the cache of the tests: installed, they would start a daemon of
 * the machine's own.
 * @throws with the reason why there is no dockerd for this machine
 */
export async function dockerPath(): Promise<string> {
  const systemPath = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
  if (await onPath('dockerd', { PATH: systemPath })) return systemPath;
  const root = join(cacheDir(), 'test', 'docker');
  if (!(await exists(join(root, 'usr', 'sbin', 'dockerd')))) await unpack(root);
  // A docker that is installed stays in use: the tests then see another version than the daemon's.
  const unpacked = [join(root, 'usr', 'bin'), join(root, 'usr', 'sbin')];
  return [systemPath, ...unpacked].join(delimiter);
}

async function unpack(root: string): Promise<void> {
  if (!(await onPath('apt-get', process.env)) || !(await onPath('dpkg', process.env))) {
    throw new Error('dockerd is not installed, and this distribution has no apt-get to fetch it with');
  }
  await mkdir(cacheDir(), { recursive: true });
  const work = await mkdtemp(join(cacheDir(), 'docker-'));
  try {
    const fetch = (...names: string[]) =>
      run('apt-get', ['-q', 'download', ...names], { cwd: work, timeoutMs: LIMIT_MS });
    try {
      await fetch(...PACKAGES);
    } catch {
      // The lists of a fresh machine are old or missing.
      await run('apt-get', ['-q', 'update'], { timeoutMs: LIMIT_MS, allowFailure: true });
      await fetch(...PACKAGES);
    }
    await fetch(CLI_PACKAGE).catch(() => {});
    for (const name of (await readdir(work)).filter((one) => one.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(work, name), join(work, 'root')]);
    }
    await mkdir(join(root, '..'), { recursive: true });
    await rm(root, { recursive: true, force: true });
    await rename(join(work, 'root'), root);
  } catch (error) {
    const why = error instanceof CommandError ? error.details : String(error);
    throw new Error(`dockerd is not installed, and its packages cannot be fetched: ${why}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
