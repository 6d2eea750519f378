import { type RunOptions, type RunResult, run } from '../../exec/run.ts';

/** Nothing that a build runs takes this long; what hangs is ended. */
const LIMIT = '2h';

/**
 * Run a program that starts others (a compiler, dpkg) so that an abort ends them all: timeout(1) gives them a process group
 * and passes signals on to it. Otherwise the others work on, in directories that are being removed.
 */
export function runGroup(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run('timeout', ['--kill-after=3s', LIMIT, command, ...args], options);
}
