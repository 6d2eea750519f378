import type { AnyCommand } from './command.ts';
import { type Args, type Flag, flagName } from './flag.ts';
import { program } from './groups.ts';

/** `kinpod create cluster [name] [flags]` */
export function usageOf(command: AnyCommand): string {
  const args = Object.entries((command.args ?? {}) as Args).map(([name, one]) => {
    const inner = one.rest ? `${name}...` : name;
    return one.optional ? `[${inner}]` : `<${inner}>`;
  });
  const own = command.passThrough ? ['[flags]', '--', ...args] : [...args, '[flags]'];
  return [program.name, ...command.path, ...own].join(' ');
}

/** A flag's description with its default and its environment variables. */
export function flagText(one: Flag<unknown>): string {
  const notes = [
    ...(one.default === undefined ? [] : [`default: ${one.default}`]),
    ...(one.env ? [`env: KINPOD_${one.env}, KIND_${one.env}`] : []),
  ];
  return notes.length > 0 ? `${one.describe} (${notes.join('; ')})` : one.describe;
}

export function examplesText(command: AnyCommand): string {
  return command.examples.length === 0 ? '' : `\nExamples:\n${command.examples.map((one) => `  ${one}`).join('\n')}\n`;
}

/** `-n, --name TEXT` */
export function flagSyntax(key: string, one: Flag<unknown>): string {
  return `${one.short ? `-${one.short}, ` : ''}${flagName(key)}${one.boolean ? '' : ` ${one.value}`}`;
}
