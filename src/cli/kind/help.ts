import type { FlagType, NamedFlag } from '../flag.ts';
import { helpFlag, KIND, type KindNode, persistentFlags } from './tree.ts';

/** Types of values as kind's help names them. */
const TYPES: Readonly<Record<FlagType, string>> = {
  boolean: '',
  text: 'string',
  path: 'string',
  choice: 'string',
  duration: 'duration',
  number: 'int32',
  list: 'strings',
};

/** Help in the layout of kind's: what is read by programs, and by eyes that know it, is where they look for it. */
export function helpAsKind(node: KindNode): string {
  return `${node.description}\n\n${usageAsKind(node, [...node.flags, helpFlag(node.path)])}`;
}

/** The part from `Usage:` on. @param own the flags that the command has beside those of every command */
export function usageAsKind(node: KindNode, own: readonly NamedFlag[]): string {
  const name = [KIND, ...node.path].join(' ');
  const isRoot = node.path.length === 0;
  const runs = node.leaf ? [name, node.leaf.kind.usage, '[flags]'].filter(Boolean).join(' ') : `${name} [flags]`;
  const usage = [...(isRoot ? [] : [runs]), ...(node.children.length > 0 ? [`${name} [command]`] : [])];
  const children = node.children.map((child) => ({ name: child.path.at(-1) ?? '', summary: child.summary }));
  if (isRoot) children.push({ name: 'help', summary: 'Show help for a command' });
  const defaults = node.leaf?.kind.defaults ?? {};
  return `${[
    `Usage:\n${usage.map((line) => `  ${line}`).join('\n')}`,
    ...(children.length > 0 ? [`Available Commands:\n${table(children.sort(byName))}`] : []),
    `Flags:\n${flagTable(isRoot ? [...own, ...persistentFlags] : own, defaults)}`,
    ...(isRoot ? [] : [`Global Flags:\n${flagTable(persistentFlags, {})}`]),
    ...(children.length > 0 ? [`Use "${name} [command] --help" for more information about a command.`] : []),
  ].join('\n\n')}\n`;
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** cobra's least width of a column of names. */
const NAME_WIDTH = 11;

function table(rows: readonly { name: string; summary: string }[]): string {
  const width = Math.max(NAME_WIDTH, ...rows.map((row) => row.name.length));
  return rows.map((row) => `  ${row.name.padEnd(width)} ${row.summary}`).join('\n');
}

function flagTable(flags: readonly NamedFlag[], defaults: Readonly<Record<string, string>>): string {
  const rows = [...flags].sort(byName).map(({ key, name, flag }) => {
    const short = flag.short ? `-${flag.short}, ` : '    ';
    const type = TYPES[flag.type];
    const standard = defaults[key] === undefined ? '' : ` (default ${JSON.stringify(defaults[key])})`;
    return { left: `  ${short}--${name}${type && ` ${type}`}`, right: `${flag.describe}${standard}` };
  });
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `${row.left.padEnd(width)}   ${row.right}`).join('\n');
}
