import { access, constants, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { CommandError, run } from '../exec/run.ts';
import { scaled } from '../exec/time-factor.ts';
import { type Pong, ping } from '../provider/container/surroundings.ts';

/** What a file system says of itself. */
export interface FileSystemFacts {
  /** The kernel's magic number of the file system's type (statfs(2)). */
  type: number;
  /** What an unprivileged user may still write. */
  freeBytes: number;
  totalBytes: number;
}

export interface HostCommandOptions {
  input?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds. Default 30 s: a look at the host must not hang with the engine. */
  timeoutMs?: number | undefined;
  onLine?: ((line: string) => void) | undefined;
}

export interface HostCommandResult {
  /** 127 where the program does not exist, as a shell would say. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * The machine that kinpod runs on, as checks see it. Injected, so that a check can be tried on the recorded facts of a
 * machine that is not at hand. Looking never throws: what cannot be read is undefined.
 */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** Effective user ID; 0 is root. */
  readonly uid: number;
  readonly userName: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readFile(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  statfs(path: string): Promise<FileSystemFacts | undefined>;
  /** Absolute path of a program, looked for in PATH and in the directories of system programs (/usr/sbin and /sbin). */
  which(program: string): Promise<string | undefined>;
  run(command: string, args: readonly string[], options?: HostCommandOptions): Promise<HostCommandResult>;
  /** Ask who listens at the socket of a container engine. */
  ping(socket: string): Promise<Pong>;
  /** An empty directory for the time of `use`. */
  withScratchDirectory<T>(use: (path: string) => Promise<T>): Promise<T>;
  /** Write a file of /proc or /sys. @throws where the kernel refuses. */
  writeFile(path: string, text: string): Promise<void>;
}

const COMMAND_TIMEOUT_MS = 30_000;

/** Where system programs such as iptables lie on distributions whose users do not have these in their PATH. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The machine that this process runs on. */
export function realHost(env: NodeJS.ProcessEnv = process.env): Host {
  const uid = process.geteuid?.() ?? 0;
  return {
    platform: process.platform,
    uid,
    userName: nameOfUser() ?? String(uid),
    env,
    readFile: (path) => readFile(path, 'utf8').catch(() => undefined),
    exists: (path) => isThere(path, constants.F_OK),
    statfs: (path) =>
      statfs(path).then(
        (s) => ({ type: s.type, freeBytes: s.bavail * s.bsize, totalBytes: s.blocks * s.bsize }),
        () => undefined,
      ),
    async which(program) {
      for (const directory of [...(env.PATH ?? '').split(delimiter), ...SYSTEM_PATH]) {
        const path = join(directory, program);
        if (directory !== '' && (await isThere(path, constants.X_OK))) return path;
      }
      return undefined;
    },
    async run(command, args, options = {}) {
      try {
        return await run(command, args, { timeoutMs: scaled(COMMAND_TIMEOUT_MS, env), ...options, allowFailure: true });
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return { exitCode: 127, stdout: '', stderr: error.details ?? error.message };
      }
    },
    ping,
    async withScratchDirectory(use) {
      const path = await mkdtemp(join(tmpdir(), 'kinpod-'));
      try {
        return await use(path);
      } finally {
        await rm(path, { recursive: true, force: true });
      }
    },
    writeFile: (path, text) => writeFile(path, text),
  };
}

/** @returns undefined where the user has no entry in the password file, as in many containers */
function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
