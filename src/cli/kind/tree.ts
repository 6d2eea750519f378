import type { AnyCommand } from '../command.ts';
import { type Flag, type Flags, flag, type NamedFlag, named } from '../flag.ts';
import { globalFlags } from '../globals.ts';
import { groups, program } from '../groups.ts';
import { type KindCommand, kindCommands } from './command-line.ts';

/** kind's name, for whoever calls kinpod by it. */
export const KIND = 'kind';

/** A place in kind's tree of commands: the program, a word that has subcommands, or a command. */
export interface KindNode {
  path: readonly string[];
  summary: string;
  description: string;
  /** Its own flags; those of every command are in {@link persistentFlags}. */
  flags: readonly NamedFlag[];
  children: readonly KindNode[];
  /** Of a command that does something. */
  leaf?: { command: AnyCommand; kind: KindCommand };
}

/** Flags of every command of kind's. */
export const persistentFlags: readonly NamedFlag[] = Object.entries({
  quiet: globalFlags.quiet,
  verbosity: globalFlags.verbosity,
}).map(named);

/** `--help`, which cobra adds to a command when it has found it. */
export function helpFlag(path: readonly string[]): NamedFlag {
  return named(['help', flag.boolean(`help for ${path.at(-1) ?? KIND}`, { short: 'h' })]);
}

/** kind's tree of commands, each with our own words and handler. What this kinpod has not is left out. */
export function kindTree(commands: readonly AnyCommand[]): KindNode {
  const leaves = Object.entries(kindCommands).flatMap(([text, kind]) => {
    const command = commands.find((one) => one.path.join(' ') === text);
    return command ? [leafOf(command, kind)] : [];
  });
  const firstWords = [...new Set(leaves.map(({ path }) => path[0] ?? ''))];
  return {
    path: [],
    summary: '',
    description: program.description,
    flags: [named(['version', globalFlags.version])],
    children: firstWords.map((word) => {
      const below = leaves.filter(({ path }) => path[0] === word);
      const alone = below.find(({ path }) => path.length === 1);
      const summary = groups[word] ?? '';
      return alone ?? { path: [word], summary, description: summary, flags: [], children: below };
    }),
  };
}

function leafOf(command: AnyCommand, kind: KindCommand): KindNode {
  const all = (command.flags ?? {}) as Flags;
  const flags = kind.flags.flatMap((key) => (all[key] ? [named([key, all[key] as Flag<unknown>])] : []));
  const description = command.description
    ? `${command.summary}.\n\n${command.description.replaceAll(program.name, KIND)}`
    : command.summary;
  return { path: command.path, summary: command.summary, description, flags, children: [], leaf: { command, kind } };
}
