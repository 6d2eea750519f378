import type { Writable } from 'node:stream';
import type { Progress } from './progress.ts';

/** A {@link Progress} that writes to a stream and has to be told when the work is over. */
export interface ProgressRenderer extends Progress {
  /** What the open step, whichever it is, is waiting for right now. */
  waiting(text: string): void;
  /** End the step that is still open, if any, and leave the terminal as it was. May be called more than once. */
  close(succeeded: boolean): void;
}

export interface RendererOptions {
  /** Where to write, as a rule stderr: stdout is for data. */
  stream: Writable;
  env: NodeJS.ProcessEnv;
  /** Show nothing. */
  quiet: boolean;
  /** 1 and more shows debug lines. */
  verbosity: number;
  /** Warnings as kind writes them: as they are, without a word before them. Default false. */
  asKind?: boolean;
  /** Applied to every text before it is written. */
  redact?: (text: string) => string;
}
