import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';
import { until } from './until.ts';

/**
 * Run `work` while holding a lock file that names this process. A lock whose process is gone is taken over.
 * @throws {KinpodError} `lock-held` if another live process holds it for `withinMs`
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { withinMs: number; signal?: AbortSignal | undefined; onWait?: (() => void) | undefined },
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let waited = false;
  await until(
    async () => {
      if (await take(path)) return true;
      if (!waited) options.onWait?.();
      waited = true;
      return false;
    },
    {
      withinMs: options.withinMs,
      everyMs: 50,
      what: `the lock ${path}`,
      signal: options.signal,
      hint: `if no other kinpod runs, remove ${path}`,
    },
  );
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new KinpodError(`cannot create the lock ${path}`, {
        code: 'give-up',
        cause: error,
        details: String(error),
      });
    }
  }
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  if (pid > 0 && !isAlive(pid)) {
    // Two waiters may both get here: the one that loses the race for `wx` above waits on.
    await rm(path, { force: true });
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
