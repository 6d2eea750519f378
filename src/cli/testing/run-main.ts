import { Readable } from 'node:stream';
import { MemoryStream } from '../../progress/testing/memory-stream.ts';
import type { AnyCommand, Library } from '../command.ts';
import { main } from '../main.ts';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunMainOptions {
  env?: NodeJS.ProcessEnv;
  stdin?: string;
  calledAs?: string;
  signal?: AbortSignal;
  /** Functions that stand in for the library's. */
  library?: Partial<Library>;
  commands?: readonly AnyCommand[];
}

/** Run a command line as the process would, with streams in memory and a library of the test's own. */
export async function runMain(argv: readonly string[], options: RunMainOptions = {}): Promise<Outcome> {
  const [stdout, stderr] = [new MemoryStream(), new MemoryStream()];
  const code = await main(argv, {
    stdin: Readable.from([options.stdin ?? '']),
    stdout,
    stderr,
    env: options.env ?? { PATH: '' },
    calledAs: options.calledAs,
    signal: options.signal ?? new AbortController().signal,
    loadLibrary: async () => ({ ...options.library }) as Library,
    ...(options.commands && { commands: options.commands }),
  });
  return { code, stdout: stdout.written(), stderr: stderr.written() };
}
