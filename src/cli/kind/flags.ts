import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError, kindMessageOf } from '../../errors/kinpod-error.ts';
import type { FlagType, NamedFlag } from '../flag.ts';
import { goBoolean, goInt32 } from './go-text.ts';

/** What a command line gives: the texts of each flag in their order, and what is no flag. */
export interface ReadFlags {
  /** By key. */
  texts: Map<string, string[]>;
  args: string[];
}

/** Checks of values whose refusals the flag library words itself. Others are as they are read for kinpod. */
const CHECKS: Partial<Record<FlagType, (text: string) => unknown>> = {
  boolean: goBoolean,
  number: goInt32,
  // To kind it is just text.
  choice: (text) => text,
};

/** The value of a boolean flag that stands alone. */
const ALONE = 'true';

/**
 * Read the flags of a command line by the rules of pflag 1.0.5, kind's flag library: flags and arguments in any order, until `--`.
 * @throws {KinpodError} `usage` in pflag's words, for the first thing that is wrong
 */
export function readFlags(flags: readonly NamedFlag[], words: readonly string[]): ReadFlags {
  const read: ReadFlags = { texts: new Map(), args: [] };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-') || word === '-') read.args.push(word);
    else if (word === '--') read.args.push(...rest.splice(0));
    else if (word.startsWith('--')) readLong(flags, word, rest, read);
    else readShort(flags, word.slice(1), rest, read);
  }
  return read;
}

function readLong(flags: readonly NamedFlag[], word: string, rest: string[], read: ReadFlags): void {
  const [, name = '', given] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
  if (name === '' || name.startsWith('-')) throw usage(`bad flag syntax: ${word}`);
  const found = flags.find((one) => one.name === name);
  if (!found) throw usage(`unknown flag: --${name}`);
  const value = given ?? (found.flag.boolean ? ALONE : rest.shift());
  if (value === undefined) throw usage(`flag needs an argument: ${word}`);
  set(found, value, read);
}

/** `-n x`, `-nx`, `-n=x`, and several letters in one word, of which the last may take a value. */
function readShort(flags: readonly NamedFlag[], letters: string, rest: string[], read: ReadFlags): void {
  const letter = letters.charAt(0);
  const found = flags.find((one) => one.flag.short === letter);
  if (!found) throw usage(`unknown shorthand flag: '${letter}' in -${letters}`);
  const joined = letters.slice(1);
  if (joined.length > 1 && joined.startsWith('=')) {
    set(found, joined.slice(1), read);
  } else if (found.flag.boolean) {
    set(found, ALONE, read);
    if (joined !== '') readShort(flags, joined, rest, read);
  } else {
    const value = joined || rest.shift();
    if (value === undefined) throw usage(`flag needs an argument: '${letter}' in -${letters}`);
    set(found, value, read);
  }
}

function set({ key, name, flag }: NamedFlag, value: string, read: ReadFlags): void {
  try {
    (CHECKS[flag.type] ?? ((text) => flag.parse([text])))(value);
  } catch (error) {
    const shown = `${flag.short ? `-${flag.short}, ` : ''}--${name}`;
    throw usage(`invalid argument ${goQuote(value)} for "${shown}" flag: ${kindMessageOf(error)}`);
  }
  read.texts.set(key, [...(read.texts.get(key) ?? []), value]);
}

function usage(message: string): KinpodError {
  return new KinpodError(message, { code: 'usage' });
}

/** True where the word before its value is a flag that takes one, as cobra judges it before it knows the command. */
export function takesNextWord(flags: readonly NamedFlag[], word: string): boolean {
  if (word.includes('=')) return false;
  if (word.startsWith('--')) return !flags.find((one) => one.name === word.slice(2))?.flag.boolean;
  return /^-.$/s.test(word) && !flags.find((one) => one.flag.short === word.slice(1))?.flag.boolean;
}
