import type { Writable } from 'node:stream';
import type { ProgressRenderer } from '../progress/renderer.ts';

/** Where a handler's words go: data to stdout, talk to stderr (nothing of it with `-q`). */
export interface Output {
  /** A line, or lines, that scripts read. */
  data(text: string): void;
  /** The same for `-o json`: one object or array, indented. */
  json(value: unknown): void;
  /** A line for people. */
  status(line: string): void;
  readonly quiet: boolean;
  /** The stream behind `data`, for a handler that has a whole stream to pass on. */
  readonly stdout: Writable;
}

export function createOutput(stdout: Writable, progress: ProgressRenderer, quiet: boolean): Output {
  return {
    data: (text) => void stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    status: (line) => progress.info(line),
    quiet,
    stdout,
  };
}
