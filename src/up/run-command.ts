import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { KinpodError } from '../errors/kinpod-error.ts';

/**
 * Run a program with this process' stdin, stdout and stderr. When `signal` aborts it gets SIGTERM, and is waited for: how long it
 * may take is up to whoever ends this process.
 * @returns its exit status; 128 + n where signal n ended it
 * @throws {KinpodError} `command-not-found`, with the exit codes that a shell has for it
 */
export function runCommand(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    const end = () => child.kill('SIGTERM');
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    child.once('error', (cause: NodeJS.ErrnoException) => {
      signal?.removeEventListener('abort', end);
      const missing = cause.code === 'ENOENT';
      reject(
        new KinpodError(`"${program}" ${missing ? 'is not there' : `cannot be run: ${cause.message}`}`, {
          code: 'command-not-found',
          hint: missing ? 'put it into an image made from this one, or mount it' : undefined,
          exitCode: missing ? 127 : 126,
          cause,
        }),
      );
    });
    child.once('exit', (code, by) => {
      signal?.removeEventListener('abort', end);
      resolve(code ?? 128 + (by ? constants.signals[by] : 0));
    });
  });
}
