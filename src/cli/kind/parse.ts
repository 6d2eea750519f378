import { distance } from 'fastest-levenshtein';
import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { variable } from '../../exec/variables.ts';
import type { AnyCommand } from '../command.ts';
import type { Args, Flag, Flags } from '../flag.ts';
import type { Request } from '../request.ts';
import { type ArgsRule, KIND_VERSION, kindGroupArgs } from './command-line.ts';
import { type ReadFlags, readFlags, takesNextWord } from './flags.ts';
import { goBoolean, goInt32 } from './go-text.ts';
import { helpAsKind, usageAsKind } from './help.ts';
import { helpFlag, KIND, type KindNode, kindTree, persistentFlags } from './tree.ts';

/**
 * Read a command line as kind does (cobra 1.8, pflag 1.0.5): what kind refuses is refused in its words, kinpod's own commands, flags
 * and arguments too.
 * @param argv without the program's own name
 * @throws {KinpodError} `usage`
 */
export function parseAsKind(commands: readonly AnyCommand[], argv: readonly string[], env: NodeJS.ProcessEnv): Request {
  const root = kindTree(commands);
  if (firstArgument(argv) === 'help') return help(root, without(argv, 'help'));
  const { node, words } = find(root, argv);
  const isRoot = node === root;
  const unknown = firstArgument(words);
  if (isRoot && unknown !== undefined) throw unknownCommand(unknown, root);
  const read = readFlags([...persistentFlags, ...node.flags, helpFlag(node.path)], words);
  const isSet = (key: string) => goBoolean(read.texts.get(key)?.at(-1) ?? 'false');
  if (isSet('help')) return { kind: 'print', text: helpAsKind(node) };
  if (isRoot && isSet('version')) return { kind: 'print', text: `${KIND} version ${KIND_VERSION}\n` };
  if (!node.leaf) {
    checkArgs(kindGroupArgs[node.path.join(' ')] ?? 'any', read.args, node.path);
    const error = isRoot ? undefined : new KinpodError('Subcommand is required', { code: 'usage' });
    return { kind: 'print', text: helpAsKind(node), error };
  }
  const { command, kind } = node.leaf;
  checkArgs(kind.args, read.args, node.path);
  return {
    kind: 'run',
    command,
    args: argsOf(command, read.args),
    flags: flagsOf(command, read, env),
    globals: {
      quiet: isSet('quiet'),
      verbosity: goInt32(read.texts.get('verbosity')?.at(-1) ?? '0'),
      version: false,
      compat: undefined,
      provider: undefined,
      context: undefined,
      namespace: undefined,
    },
  };
}

/** The command that the first words name, and the words that are left. */
function find(root: KindNode, argv: readonly string[]): { node: KindNode; words: readonly string[] } {
  let node = root;
  let words = argv;
  for (;;) {
    const name = firstArgument(words);
    const next = node.children.find((child) => child.path.at(-1) === name);
    if (name === undefined || next === undefined) return { node, words };
    words = without(words, name);
    node = next;
  }
}

/** The first word that is no flag nor what cobra, which does not know the command yet, takes for a flag's value. */
function firstArgument(words: readonly string[]): string | undefined {
  for (let n = 0; n < words.length; n++) {
    const word = words[n] ?? '';
    if (word === '--') return undefined;
    if (takesNextWord(persistentFlags, word)) n += 1;
    else if (word !== '' && !word.startsWith('-')) return word;
  }
  return undefined;
}

function without(words: readonly string[], name: string): string[] {
  for (let n = 0; n < words.length; n++) {
    if (takesNextWord(persistentFlags, words[n] ?? '')) n += 1;
    else if (words[n] === name) return words.toSpliced(n, 1);
  }
  return [...words];
}

function help(root: KindNode, words: readonly string[]): Request {
  const { node } = find(root, words);
  const topic = readFlags([...persistentFlags, helpFlag(['help'])], words).args;
  if (node !== root || topic.length === 0) return { kind: 'print', text: helpAsKind(node) };
  const topics = topic.map((word) => `\`${word}\``).join(' ');
  return { kind: 'print', text: `Unknown help topic [${topics}]\n${usageAsKind(root, [])}` };
}

/** cobra suggests names that begin so, or are this many changes away. */
const NEAR = 2;

function unknownCommand(name: string, root: KindNode): KinpodError {
  const typed = name.toLowerCase();
  const near = root.children
    .map((child) => child.path[0] ?? '')
    .filter((one) => distance(typed, one) <= NEAR || one.startsWith(typed))
    .sort();
  const suggestions = near.length > 0 ? `\n\nDid you mean this?\n${near.map((one) => `\t${one}\n`).join('')}` : '';
  return new KinpodError(`unknown command ${goQuote(name)} for "${KIND}"${suggestions}`, { code: 'usage' });
}

function checkArgs(rule: ArgsRule, args: readonly string[], path: readonly string[]): void {
  const complain = (message: string) => {
    throw new KinpodError(message, { code: 'usage' });
  };
  if (rule === 'any') return;
  if (rule === 'none') {
    if (args[0] !== undefined) complain(`unknown command ${goQuote(args[0])} for "${[KIND, ...path].join(' ')}"`);
  } else if ('missing' in rule) {
    if (args.length === 0) complain(rule.missing);
  } else if (args.length > rule.atMost) {
    complain(`accepts at most ${rule.atMost} arg(s), received ${args.length}`);
  }
}

function argsOf(command: AnyCommand, words: readonly string[]): Record<string, unknown> {
  const values = [...words];
  return Object.fromEntries(
    Object.entries((command.args ?? {}) as Args).map(([name, one]) => [
      name,
      one.parse(values.splice(0, one.rest ? values.length : 1)),
    ]),
  );
}

function flagsOf(command: AnyCommand, read: ReadFlags, env: NodeJS.ProcessEnv): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries((command.flags ?? {}) as Flags).map(([key, flag]) => [
      key,
      givenValue(flag, read.texts.get(key), env),
    ]),
  );
}

function givenValue(flag: Flag<unknown>, given: readonly string[] | undefined, env: NodeJS.ProcessEnv): unknown {
  if (flag.boolean) return flag.parse(given && goBoolean(given.at(-1) ?? '') ? [''] : []);
  const fromEnv = flag.env && given === undefined ? variable(env, flag.env) : undefined;
  const texts = given ?? (fromEnv === undefined ? [] : [fromEnv]);
  if (texts.length === 0 && !flag.repeatable) return undefined;
  return flag.type === 'choice' ? texts.at(-1) : flag.parse(texts);
}
