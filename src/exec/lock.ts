import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';
import { isRunning, processIdentity } from './processes.ts';
import { until } from './until.ts';

export interface LockOptions {
  /** Milliseconds to wait for another holder; 0: do not wait. */
  withinMs: number;
  signal?: AbortSignal | undefined;
  /** Called once, if another process holds the lock. */
  onWait?: (() => void) | undefined;
}

/**
 * Run `work` while holding a lock file that names this process. A lock whose process is gone is taken over.
 * @throws {KinpodError} `lock-held` if another live process holds it for `withinMs`, `lock-unusable`
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions): Promise<T> {
  let waited = false;
  const acquired = async () => {
    if (await take(path)) return true;
    if (!waited) options.onWait?.();
    waited = true;
    return false;
  };
  if (!(await acquired())) await waitFor(path, acquired, options);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Remove a lock whose process is gone; any other is left alone. */
export async function removeStaleLock(path: string): Promise<void> {
  if (!(await isStale(path))) return;
  // Moved before it is removed: who else found it stale may have removed it by now, and a third have taken the lock anew.
  const aside = `${path}.stale-${process.pid}`;
  try {
    await rename(path, aside);
    if (!(await isStale(aside))) await link(aside, path);
  } catch {
    // Somebody else was quicker, in the one or the other.
  }
  await rm(aside, { force: true });
}

async function waitFor(path: string, acquired: () => Promise<boolean>, options: LockOptions): Promise<void> {
  const { withinMs, signal } = options;
  const held = () =>
    new KinpodError(`another kinpod holds the lock ${path}`, {
      code: 'lock-held',
      hint: `if no other kinpod runs, remove ${path}`,
    });
  if (withinMs === 0) throw held();
  try {
    await until(acquired, { withinMs, everyMs: 50, what: `the lock ${path}`, signal });
  } catch (error) {
    throw error instanceof KinpodError && error.code === 'timeout' ? held() : error;
  }
}

/** Take the lock if nobody has it, or who has it is gone. */
async function take(path: string): Promise<boolean> {
  if (await make(path)) return true;
  await removeStaleLock(path);
  return make(path);
}

/** The file appears with its content, by a link: a process that is killed here leaves no lock that names nobody. */
async function make(path: string): Promise<boolean> {
  const own = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(own, `${process.pid} ${(await processIdentity()).start}`, { mode: 0o600 });
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      const options = { code: 'lock-unusable', cause: error, details: String(error) };
      throw new KinpodError(`cannot create the lock ${path}`, options);
    }
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const [pid = '', start = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
  return Number(pid) > 0 && !(await isRunning({ pid: Number(pid), start }));
}
