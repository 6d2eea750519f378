import type { Readable } from 'node:stream';
import type { CommonOptions, Progress } from '../index.ts';
import type { Args, Flags, ValuesOf } from './flag.ts';
import type { Output } from './output.ts';

/** All that the library can do; loaded when a handler is about to run, not before. */
export type Library = typeof import('../index.ts');

/** What a handler may touch. Nothing else is global to it. */
export interface CommandContext<A extends Args, F extends Flags> {
  args: ValuesOf<A>;
  flags: ValuesOf<F>;
  kinpod: Library;
  /** What every function of the library takes: progress, abort signal, environment and provider. */
  common: CommonOptions & { progress: Progress; signal: AbortSignal; env: NodeJS.ProcessEnv };
  out: Output;
  /** Called as kind: what kinpod says differently from kind is said in kind's words. */
  asKind: boolean;
  stdin: Readable;
  /** Ask the user a question of yes or no. Throws where there is no terminal to ask on. */
  confirm(question: string): Promise<boolean>;
}

/** A command is data plus a handler: help, parsing, completion and the reference page come from the same object. */
export interface CommandDefinition<A extends Args = Args, F extends Flags = Flags> {
  path: readonly string[];
  /** One line, imperative, no full stop. */
  summary: string;
  /** More, for help and the reference page. */
  description?: string;
  args?: A;
  flags?: F;
  /** Changes nothing, so there is nothing to undo: an interrupt need not wait for it. */
  readOnly?: boolean;
  /** Runs until it is interrupted: that is no failure, and what it then tidies up is waited for without a word. */
  endless?: boolean;
  /** Everything after the first argument is passed on unread, flags too. */
  passThrough?: boolean;
  examples: readonly string[];
  /** Exit code; nothing means 0. */
  run(context: CommandContext<A, F>): Promise<number> | Promise<void>;
}

/** A command of whatever arguments and flags, as the table of all commands holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the handler's parameter is checked where the command is defined
export type AnyCommand = CommandDefinition<any, any>;

export function defineCommand<
  const A extends Args = Record<never, never>,
  const F extends Flags = Record<never, never>,
>(definition: CommandDefinition<A, F>): CommandDefinition<A, F> {
  return definition;
}
