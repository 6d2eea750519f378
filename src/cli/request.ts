import type { KinpodError } from '../errors/kinpod-error.ts';
import type { AnyCommand } from './command.ts';
import type { GlobalValues } from './globals.ts';

/** What a command line asks for. */
export type Request =
  | {
      kind: 'run';
      command: AnyCommand;
      args: Record<string, unknown>;
      flags: Record<string, unknown>;
      globals: GlobalValues;
    }
  /** A text, and after it a complaint where the command line lacks something. */
  | { kind: 'print'; text: string; error?: KinpodError | undefined };
