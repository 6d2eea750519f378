import type { AnyCommand } from '../command.ts';
import { type Arg, type Args, type Flag, type Flags, flag, type NamedFlag, named } from '../flag.ts';
import { globalFlags } from '../globals.ts';
import { groups } from '../groups.ts';
import { type KindNode, kindTree, persistentFlags } from '../kind/tree.ts';

/** A place in the tree of commands, as far as completion goes. */
export interface CompletionNode {
  name: string;
  summary: string;
  children: readonly CompletionNode[];
  /** All that may be given here. */
  flags: readonly NamedFlag[];
  args: readonly Arg<unknown>[];
  /** What follows is another program's. */
  passThrough: boolean;
}

const help = { key: 'help', name: 'help', flag: flag.boolean('show help', { short: 'h' }) as Flag<unknown> };
const globals = [...Object.entries(globalFlags).map(named), help];

/** kinpod's commands, or kind's where kinpod is called as kind. */
export function completionTree(commands: readonly AnyCommand[], asKind: boolean): CompletionNode {
  return asKind ? ofKind(kindTree(commands)) : group('', 0, commands);
}

function group(name: string, depth: number, commands: readonly AnyCommand[]): CompletionNode {
  const words = [...new Set(commands.flatMap((command) => command.path[depth] ?? []))];
  return {
    name,
    summary: groups[name] ?? '',
    flags: globals,
    args: [],
    passThrough: false,
    children: words.map((word) => {
      const below = commands.filter((command) => command.path[depth] === word);
      const leaf = below.find((command) => command.path.length === depth + 1);
      return leaf ? ofCommand(leaf) : group(word, depth + 1, below);
    }),
  };
}

function ofCommand(command: AnyCommand): CompletionNode {
  return {
    name: command.path.at(-1) ?? '',
    summary: command.summary,
    children: [],
    flags: [...Object.entries((command.flags ?? {}) as Flags).map(named), ...globals],
    args: Object.values((command.args ?? {}) as Args),
    passThrough: command.passThrough ?? false,
  };
}

function ofKind(node: KindNode): CompletionNode {
  const { command, kind } = node.leaf ?? {};
  return {
    name: node.path.at(-1) ?? '',
    summary: node.summary,
    children: node.children.map(ofKind),
    flags: [...node.flags, ...persistentFlags, help],
    args: kind?.args === 'none' ? [] : Object.values((command?.args ?? {}) as Args),
    passThrough: false,
  };
}
