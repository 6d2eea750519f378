import { KinpodError } from '../errors/kinpod-error.ts';
import { parseDuration } from './duration.ts';

/** What a value on the command line can name, for completion. */
export type Named = 'cluster' | 'node' | 'file' | 'directory';

export type FlagType = 'boolean' | 'text' | 'path' | 'duration' | 'number' | 'choice' | 'list';

/** What every flag may say beside its description. */
export interface FlagOptions {
  /** What its value names: what a shell offers for it. Default: files for a path, the choices for a choice, else nothing. */
  names?: Named;
  /** One letter. */
  short?: string;
  /** The value's name in help: `--wait DURATION`. */
  value?: string;
  /** What holds where the flag is not given, for help; the handler decides. */
  default?: string;
  /** The environment variable that stands in for the flag, without its prefix: `KINPOD_` or `KIND_`. */
  env?: string;
}

/** One flag as data. The type parameter is what the handler gets. */
export interface Flag<T> extends FlagOptions {
  describe: string;
  type: FlagType;
  /** Takes no value. */
  boolean: boolean;
  /** May be given several times. */
  repeatable: boolean;
  choices?: readonly string[];
  /** The value from its text, or from all its texts where it is repeatable. */
  parse(texts: readonly string[]): T;
}

function last(texts: readonly string[]): string {
  return texts.at(-1) ?? '';
}

function single<T>(
  type: FlagType,
  describe: string,
  options: FlagOptions,
  parse: (text: string) => T,
): Flag<T | undefined> {
  return { ...options, type, describe, boolean: false, repeatable: false, parse: (texts) => parse(last(texts)) };
}

/** Makers of flags, one for each kind of value. A flag that is not given is undefined, a boolean one false. */
export const flag = {
  boolean: (describe: string, options: FlagOptions = {}): Flag<boolean> => ({
    ...options,
    type: 'boolean',
    describe,
    boolean: true,
    repeatable: false,
    parse: (texts) => texts.length > 0,
  }),
  text: (describe: string, options: FlagOptions = {}) =>
    single('text', describe, { value: 'TEXT', ...options }, (text) => text),
  path: (describe: string, options: FlagOptions = {}) =>
    single('path', describe, { value: 'PATH', names: 'file', ...options }, (text) => text),
  /** Milliseconds. */
  duration: (describe: string, options: FlagOptions = {}) =>
    single('duration', describe, { value: 'DURATION', ...options }, parseDuration),
  number: (describe: string, options: FlagOptions & { min?: number } = {}) =>
    single('number', describe, { value: 'N', ...options }, (text) => {
      // `-v=1` is how pflag, and so kind, also lets it be written.
      const number = Number(text.replace(/^=/, '') || Number.NaN);
      if (!Number.isFinite(number) || number < (options.min ?? 0)) {
        throw new KinpodError(`"${text}" is not a number of ${options.min ?? 0} or more`, { code: 'usage' });
      }
      return number;
    }),
  choice: <const T extends string>(
    describe: string,
    choices: readonly T[],
    options: FlagOptions = {},
  ): Flag<T | undefined> => ({
    ...single('choice', describe, { value: choices.join('|'), ...options }, (text) => {
      const choice = choices.find((one) => one === text);
      if (choice === undefined) {
        throw new KinpodError(`"${text}" is not one of ${choices.join(', ')}`, { code: 'usage' });
      }
      return choice;
    }),
    choices,
  }),
  /** Given several times, or once with commas between the values. */
  list: (describe: string, options: FlagOptions = {}): Flag<string[]> => ({
    value: 'A,B',
    ...options,
    type: 'list',
    describe,
    boolean: false,
    repeatable: true,
    parse: (texts) => texts.flatMap((text) => text.split(',')).filter(Boolean),
  }),
} as const;

/** One argument as data: what stands on the command line without a flag's name. */
export interface Arg<T> {
  describe: string;
  optional: boolean;
  /** Takes all that follow. */
  rest: boolean;
  /** Said where a required one is missing. */
  missing?: string;
  /** Another way to give this flag: the handler finds the value there. */
  sameAs?: string;
  /** What its value names: what a shell offers for it. */
  names?: Named;
  parse(values: readonly string[]): T;
}

/** Makers of arguments. */
export const arg = {
  optional: (describe: string, options: Pick<Arg<unknown>, 'sameAs' | 'names'> = {}): Arg<string | undefined> => ({
    ...options,
    describe,
    optional: true,
    rest: false,
    parse: (values) => values[0],
  }),
  /** Any number of them, also none. */
  rest: (describe: string, options: Pick<Arg<unknown>, 'names'> = {}): Arg<string[]> => ({
    ...options,
    describe,
    optional: true,
    rest: true,
    parse: (values) => [...values],
  }),
  /** One or more. */
  some: (describe: string, missing: string, options: Pick<Arg<unknown>, 'names'> = {}): Arg<string[]> => ({
    ...options,
    describe,
    optional: false,
    rest: true,
    missing,
    parse: (values) => [...values],
  }),
} as const;

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type Args = Readonly<Record<string, Arg<unknown>>>;

/** The values of a table of flags or arguments, by name. */
export type ValuesOf<T extends Flags | Args> = {
  [K in keyof T]: T[K] extends { parse(texts: readonly string[]): infer V } ? V : never;
};

/** `allClusters` is written `--all-clusters`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A flag of the command table with its name on the command line. */
export interface NamedFlag {
  key: string;
  /** Without dashes. */
  name: string;
  flag: Flag<unknown>;
}

export function named([key, flag]: readonly [string, Flag<unknown>]): NamedFlag {
  return { key, name: flagName(key).slice(2), flag };
}
