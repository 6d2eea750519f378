import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unpackTar } from 'modern-tar/fs';
import { messageOf } from '../../errors/kinpod-error.ts';
import { CommandError, type RunOptions } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { runtimeNameOf } from '../../node/runtime/runtime.ts';
import { RUNTIMES, type RuntimeFacts } from '../../node/runtime/runtimes.ts';
import type { NodeInfo, Provider } from '../../provider/provider.ts';

/** Something that could not be collected. */
export interface Gap {
  /** Path below the directory of the export. */
  file: string;
  reason: string;
}

/** Milliseconds for one command: a node that hangs does not hold the others. */
const COMMAND_LIMIT_MS = 2 * 60_000;

/** Milliseconds for all of a node's /var/log. */
const DIRECTORY_LIMIT_MS = 10 * 60_000;

/** Where a node's logs of its programs come from, file by command: kind's (its pkg/cluster/provider.go). */
function nodeFiles({ logFile, unit }: RuntimeFacts): Readonly<Record<string, readonly string[]>> {
  return {
    'kubernetes-version.txt': ['cat', '/kind/version'],
    'journal.log': ['journalctl', '--no-pager'],
    'kubelet.log': ['journalctl', '--no-pager', '-u', 'kubelet.service'],
    [logFile]: ['journalctl', '--no-pager', '-u', unit],
    'images.log': ['crictl', 'images'],
  };
}

/** The directory of an export that is being filled; it remembers what is missing. */
export class Collection {
  readonly dir: string;
  readonly gaps: Gap[] = [];
  /** Files with the logs of nodes' own programs, below the directory. */
  readonly programLogs: string[] = [];
  readonly #signal: AbortSignal | undefined;

  constructor(dir: string, signal: AbortSignal | undefined) {
    this.dir = dir;
    this.#signal = signal;
  }

  /** Both streams of a command as a file. What fails is noted, and leaves in the file what it printed. */
  async file(path: string, command: (options: RunOptions) => Promise<unknown>): Promise<void> {
    const writeTo = join(this.dir, path);
    await this.attempt(path, async () => {
      await mkdir(dirname(writeTo), { recursive: true });
      try {
        await command({ writeTo, signal: this.#signal, timeoutMs: scaled(COMMAND_LIMIT_MS) });
      } catch (error) {
        throw error instanceof CommandError ? new Error((await lastLine(writeTo)) || error.message) : error;
      }
    });
  }

  async attempt(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#signal?.throwIfAborted();
      this.gaps.push({ file: path, reason: reasonOf(error) });
    }
  }

  /** All files of one node, at the same time. */
  async node(provider: Provider, { name, running }: NodeInfo): Promise<void> {
    await mkdir(join(this.dir, name), { recursive: true });
    const always = [
      this.file(join(name, 'inspect.json'), (options) => provider.inspectNode(name, options)),
      this.file(join(name, 'serial.log'), (options) =>
        provider.logs(name, undefined, { ...options, allowFailure: false }),
      ),
    ];
    if (!running) {
      // The engine can still copy from it. Links among the logs lead nowhere then; what they lead to is there too.
      const copied = this.attempt(name, () => provider.copyOut(name, '/var/log/.', join(this.dir, name), this.#signal));
      this.gaps.push({ file: name, reason: 'the node is stopped: there are only its files and what the engine knows' });
      await Promise.all([...always, copied]);
      return;
    }
    const runtime = RUNTIMES[await runtimeNameOf(provider, name, this.#signal).catch(() => 'containerd' as const)];
    this.programLogs.push(join(name, 'kubelet.log'), join(name, runtime.logFile));
    const commands = Object.entries(nodeFiles(runtime)).map(([file, argv]) =>
      this.file(join(name, file), (options) => provider.exec(name, argv, options)),
    );
    await Promise.all([...always, ...commands, this.#varLog(provider, name)]);
  }

  /** Files as such, also where they are links: /var/log/containers has nothing but links. */
  async #varLog(provider: Provider, name: string): Promise<void> {
    const into = join(this.dir, name);
    await this.attempt(join(name, 'pods'), async () => {
      const argv = ['tar', '--hard-dereference', '--directory=/var/log/', '--create', '--dereference', '--file=-', '.'];
      const { exitCode, stderr } = await provider.exec(name, argv, {
        consume: (archive) => pipeline(archive, unpackTar(into, { dmode: 0o755 })),
        // tar's 1 says that a file changed while it was read, as logs do.
        allowFailure: true,
        signal: this.#signal,
        timeoutMs: scaled(DIRECTORY_LIMIT_MS),
      });
      if (exitCode > 1) throw new Error(stderr.trim().split('\n').at(-1) || `tar ended with ${exitCode}`);
    });
  }
}

function reasonOf(error: unknown): string {
  const details = error instanceof CommandError ? error.details?.trim().split('\n').at(-1) : undefined;
  return details || messageOf(error);
}

/** Of what a failed command printed: by convention that says why. */
async function lastLine(path: string): Promise<string> {
  const length = 4096;
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, Math.max(0, size - length));
    return buffer.toString('utf8', 0, bytesRead).trim().split('\n').at(-1) ?? '';
  } finally {
    await file.close();
  }
}
