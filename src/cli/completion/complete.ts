import type { Flag, Named, NamedFlag } from '../flag.ts';
import type { CompletionNode } from './tree.ts';

/** What a shell offers: a value, and words about it where the shell shows them. */
export interface Candidate {
  value: string;
  about: string;
}

/** What can stand at a place of the command line. */
export interface Completion {
  candidates: readonly Candidate[];
  /** What is to be looked up: see {@link Named}. Files and directories are the shell's own business. */
  names?: Named | undefined;
  /** What stands before the value in the same word, and is not to be replaced: `a,` of `--nodes a,b`. */
  prefix: string;
  /** The cluster that the command line names so far, for the names of its nodes. */
  cluster?: string | undefined;
}

const NOTHING: Completion = { candidates: [], prefix: '' };

/**
 * What can stand where the cursor is. Decides from the table of commands alone; names of what exists are looked up elsewhere.
 * @param words without the program's name; the last one is being typed, and may be empty
 */
export function complete(root: CompletionNode, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const { node, args, awaiting, given, onlyArgs, foreign } = walk(root, words.slice(0, -1));
  if (foreign) return { ...NOTHING, names: 'file' };
  const cluster = given.get('name');
  if (awaiting) return { ...valuesOf(awaiting, current), cluster };
  const [, name, value] = /^--([^=]+)=(.*)$/s.exec(current) ?? [];
  if (name !== undefined && !onlyArgs) {
    const flag = node.flags.find((one) => one.name === name)?.flag;
    return flag ? { ...valuesOf(flag, value ?? ''), cluster } : NOTHING;
  }
  if (current.startsWith('-') && !onlyArgs) return { ...NOTHING, candidates: flagsLeft(node, given) };
  if (node.children.length > 0) {
    // A word that is no command: nothing can follow it.
    if (args.length > 0) return NOTHING;
    return { ...NOTHING, candidates: node.children.map(({ name, summary }) => ({ value: name, about: summary })) };
  }
  const last = node.args.at(-1);
  const arg = node.args[args.length] ?? (last?.rest ? last : undefined);
  if (!arg || (arg.sameAs && given.has(arg.sameAs))) return NOTHING;
  return { ...NOTHING, names: arg.names, cluster };
}

interface Place {
  node: CompletionNode;
  args: string[];
  /** The flag whose value comes next. */
  awaiting: Flag<unknown> | undefined;
  /** Flags that stand there already, by key, with their last values. */
  given: Map<string, string>;
  /** `--` has been given: no flags any more. */
  onlyArgs: boolean;
  /** The rest is for another program. */
  foreign: boolean;
}

function walk(root: CompletionNode, words: readonly string[]): Place {
  const place: Place = { node: root, args: [], awaiting: undefined, given: new Map(), onlyArgs: false, foreign: false };
  let key = '';
  for (const word of words) {
    if (place.awaiting) {
      place.given.set(key, word);
      place.awaiting = undefined;
    } else if (word === '--') {
      place.onlyArgs = true;
      place.foreign = place.node.passThrough;
    } else if (word.startsWith('-') && !place.onlyArgs) {
      const found = flagOf(place.node.flags, word);
      if (!found) continue;
      key = found.key;
      place.given.set(key, word.split('=')[1] ?? '');
      if (!found.flag.boolean && !hasValue(word)) place.awaiting = found.flag;
    } else {
      const child = place.node.children.find((one) => one.name === word);
      if (child) place.node = child;
      else place.args.push(word);
    }
    if (place.node.passThrough && place.args.length > 0) place.foreign = true;
  }
  return place;
}

function flagOf(flags: readonly NamedFlag[], word: string): NamedFlag | undefined {
  const long = /^--([^=]+)/.exec(word)?.[1];
  return flags.find((one) => (long === undefined ? one.flag.short === word.charAt(1) : one.name === long));
}

/** `--name=x`, `-nx` */
function hasValue(word: string): boolean {
  return word.startsWith('--') ? word.includes('=') : word.length > 2;
}

function flagsLeft(node: CompletionNode, given: ReadonlyMap<string, string>): Candidate[] {
  return node.flags
    .filter(({ key, flag }) => flag.repeatable || !given.has(key))
    .map(({ name, flag }) => ({ value: `--${name}`, about: flag.describe }));
}

function valuesOf(flag: Flag<unknown>, typed: string): Completion {
  const values = flag.boolean ? ['true', 'false'] : (flag.choices ?? []);
  return {
    candidates: values.map((value) => ({ value, about: '' })),
    names: flag.boolean ? undefined : flag.names,
    prefix: flag.type === 'list' ? typed.slice(0, typed.lastIndexOf(',') + 1) : '',
  };
}
