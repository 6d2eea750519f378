import { closeSync, mkdirSync, openSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { goFileError } from '../errors/go-file-error.ts';
import { KinpodError, messageOf, saidByKind } from '../errors/kinpod-error.ts';
import { scaled } from '../exec/time-factor.ts';
import { until } from '../exec/until.ts';

/** What kind says before the reason why it has no lock. */
const KINDS_WORDS = 'failed to lock config file';

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds to wait for another holder. Default 10 s: kubectl and kind hold the lock for milliseconds. */
  withinMs?: number | undefined;
}

/**
 * Do `work` while holding `<path>.lock`, the lock that client-go (kubectl) and kind take for a kubeconfig file: whoever
 * creates it has it. They fail at once where it exists; this waits. The directory is made if it is missing (mode 0700).
 *
 * `work` is synchronous on purpose: no signal handler and no abort can come between taking and releasing the lock, so
 * only a kill leaves it behind.
 * @throws {KinpodError} `timeout` if another program keeps the lock, `kubeconfig-not-writable` if it cannot be made
 */
export async function withFileLock<T>(path: string, work: () => T, options: LockOptions = {}): Promise<T> {
  const lock = `${path}.lock`;
  makeDirectory(dirname(lock));
  const outcome = await until(async () => lockAndWork(lock, work), {
    withinMs: options.withinMs ?? scaled(10_000),
    what: `another program to release the lock ${lock}`,
    hint: `if no kubectl, kind or kinpod is at work, a killed one has left it behind: rm ${lock}`,
    signal: options.signal,
  }).catch((error: unknown) => {
    if (!(error instanceof KinpodError)) throw error;
    throw saidByKind(error, `${KINDS_WORDS}: open ${lock}: file exists`);
  });
  if ('failure' in outcome) throw outcome.failure;
  return outcome.result;
}

/**
 * What fails for another reason than the lock being held is returned: `until` takes a throw for "not yet".
 * @throws Error if someone else has the lock
 */
function lockAndWork<T>(lock: string, work: () => T): { result: T } | { failure: unknown } {
  try {
    closeSync(openSync(lock, 'wx', 0o000));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Error(`it was made at ${madeAt(lock)}`);
    return { failure: cannotLock(error) };
  }
  try {
    return { result: work() };
  } catch (failure) {
    return { failure };
  } finally {
    unlinkSync(lock);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotLock(error);
  }
}

function madeAt(lock: string): string {
  return statSync(lock, { throwIfNoEntry: false })?.mtime.toISOString() ?? 'an unknown time';
}

function cannotLock(error: unknown): KinpodError {
  return new KinpodError(`cannot lock the kubeconfig: ${messageOf(error)}`, {
    code: 'kubeconfig-not-writable',
    hint: 'name a file that can be written with --kubeconfig or $KUBECONFIG',
    cause: error,
    kindMessage: `${KINDS_WORDS}: ${goFileError(error)}`,
  });
}
