import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KinpodError } from '../../../errors/kinpod-error.ts';
import { withLock } from '../../../exec/lock.ts';
import { isRunning } from '../../../exec/processes.ts';
import { scaled } from '../../../exec/time-factor.ts';
import { until } from '../../../exec/until.ts';
import { endOrphans, type Forwarder, findForwarder, forwarderFiles } from './record.ts';

export interface BackgroundOptions {
  /** UID of the cluster's Service. */
  id: string;
  /** Program and arguments of a process that forwards until it is ended, and records itself. */
  command: readonly [string, ...string[]];
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
}

/** Milliseconds that a forwarder may take to listen: it takes a quarter of a second. */
const START_LIMIT_MS = 30_000;
/** Milliseconds that one may take to end. */
const END_LIMIT_MS = 5_000;

/**
 * The forwarder of a cluster, which is started where none runs and then outlives this process.
 * @throws {KinpodError} `forward-failed` with what it said
 */
export async function ensureForwarder({ id, command, env, signal }: BackgroundOptions): Promise<Forwarder> {
  const files = forwarderFiles(id, env);
  const running = await findForwarder(files);
  if (running) return running;
  const withinMs = scaled(START_LIMIT_MS, env);
  await mkdir(dirname(files.lock), { recursive: true, mode: 0o700 });
  const start = async (): Promise<Forwarder> => {
    const other = await findForwarder(files);
    if (other) return other;
    await endOrphans(files);
    const started = await startDetached(command, files.log, env);
    try {
      return await until(() => findForwarder(files), {
        withinMs,
        everyMs: 20,
        what: 'a port of this host that leads to the API server',
        signal: signal ? AbortSignal.any([signal, started.exited]) : started.exited,
      });
    } catch (error) {
      started.end();
      signal?.throwIfAborted();
      const details = (await readFile(files.log, 'utf8').catch(() => '')).trim();
      throw new KinpodError('no port of this host could be made to lead to the API server', {
        code: 'forward-failed',
        details: details || undefined,
        hint: 'kinpod proxy shows what it does, in the foreground',
        cause: error,
      });
    }
  };
  return withLock(files.lock, start, { withinMs, signal });
}

/** End the forwarder of a cluster, if one runs, and remove what it left. */
export async function endForwarder(id: string, env: NodeJS.ProcessEnv): Promise<void> {
  const files = forwarderFiles(id, env);
  const withinMs = scaled(END_LIMIT_MS, env);
  const running = await findForwarder(files);
  await endOrphans(files);
  if (running) {
    kill(running.pid, 'SIGTERM');
    const ended = async () => !(await isRunning(running));
    const end = () => until(ended, { withinMs, everyMs: 20, what: 'a forwarder to end' });
    await end().catch(async () => {
      kill(running.pid, 'SIGKILL');
      await end().catch(() => {});
      await endOrphans(files);
    });
  }
  await Promise.all([files.record, files.log].map((path) => rm(path, { force: true })));
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

/** In a session of its own, with nothing of this process' terminal. */
async function startDetached(
  [program, ...args]: BackgroundOptions['command'],
  log: string,
  env: NodeJS.ProcessEnv,
): Promise<{ exited: AbortSignal; end(): void }> {
  const file = await open(log, 'w', 0o600);
  try {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', file.fd, file.fd], env });
    const exited = new AbortController();
    child.once('error', () => exited.abort());
    child.once('exit', () => exited.abort());
    child.unref();
    return { exited: exited.signal, end: () => void child.kill() };
  } finally {
    await file.close();
  }
}
