import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { messageOf } from '../../errors/kinpod-error.ts';
import { onPath } from '../../exec/on-path.ts';
import { CommandError, run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { type Found, whatIsAt } from './mounted-socket.ts';

/** What a daemon said at its socket, or why it said nothing: an error code of the system, or `timeout`. */
export type Pong = { server: string; apiVersion: string } | { failure: string };

/** What engines are looked for with. Injected, so that the choice can be tried without the engines. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** The user's home directory. */
  home: string;
  onPath(program: string): Promise<boolean>;
  /** Undefined where it cannot be read. */
  readFile(path: string): Promise<string | undefined>;
  whatIsAt(path: string): Promise<Found | undefined>;
  ping(socket: string): Promise<Pong>;
  /** Run a command and return what it complains of, undefined where it succeeds. */
  ask(command: string, args: readonly string[]): Promise<string | undefined>;
}

/** Milliseconds that a daemon on this machine may take to say that it is there. */
const PING_LIMIT_MS = 2_000;
/** The same for one elsewhere, by whatever way the CLI has to it. */
const ASK_LIMIT_MS = 10_000;

export function realSurroundings(env: NodeJS.ProcessEnv): Surroundings {
  return {
    env,
    home: homedir(),
    onPath: (program) => onPath(program, env),
    readFile: (path) => readFile(path, 'utf8').catch(() => undefined),
    whatIsAt,
    ping,
    async ask(command, args) {
      try {
        await run(command, args, { timeoutMs: scaled(ASK_LIMIT_MS, env) });
        return undefined;
      } catch (error) {
        return (error instanceof CommandError && error.details?.split('\n').at(-1)) || messageOf(error);
      }
    },
  };
}

/** `GET /_ping` of the Docker API, which Podman's imitation has too; who answers is in the headers. */
export async function ping(socketPath: string): Promise<Pong> {
  // Only here, and only where there may be a daemon: loading it costs some milliseconds.
  const { get } = await import('node:http');
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: scaled(PING_LIMIT_MS) }, ({ headers }) => {
      resolve({ server: String(headers.server ?? ''), apiVersion: String(headers['api-version'] ?? '') });
      request.destroy();
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'timeout' })));
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ failure: error.code ?? error.message }));
  });
}
