import { type RunOptions, type RunResult, run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';

/** Milliseconds. Nothing that a build runs takes this long; what hangs is ended. */
const LIMIT_MS = 2 * 3600 * 1000;

/**
 * Run a program that starts others (a compiler, dpkg) so that an abort ends them all: timeout(1) gives them a process group
 * and passes signals on to it. Otherwise the others work on, in directories that are being removed.
 */
export function runGroup(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run('timeout', ['--kill-after=3s', `${scaled(LIMIT_MS) / 1000}`, command, ...args], options);
}
