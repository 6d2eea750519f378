import { commandLine } from '../exec/run.ts';
import type { CheckContext } from './check.ts';
import { installCommands, type Need } from './distribution.ts';
import { asRoot, type Fix, type FixCommand } from './fix.ts';

/** A fix that kinpod can do by itself. */
export function fixBy(
  { host }: Pick<CheckContext, 'host'>,
  commands: readonly FixCommand[],
  options: { afterwards?: string } = {},
): Fix {
  return { commands, text: commands.map((c) => pasteable(c, host.uid)).join('\n'), ...options };
}

/** What only the user can do. */
export function advice(text: string): Fix {
  return { commands: [], text };
}

/** Install from the distribution's packages; `otherwise` where it has none that are new enough. */
export function installing(context: CheckContext, needs: readonly Need[], otherwise: string): Fix {
  const commands = installCommands(context.distribution, needs);
  return commands === undefined ? advice(otherwise) : fixBy(context, commands);
}

/** Write a configuration file, whole. */
export function writing(path: string, text: string): FixCommand[] {
  const directory = path.slice(0, path.lastIndexOf('/'));
  return [asRoot('mkdir', '-p', directory), { argv: ['tee', path], asRoot: true, input: text }];
}

/** Kernel settings, at once and for every boot to come. */
export function settingKernel(name: string, settings: Readonly<Record<string, string | number>>): FixCommand[] {
  const path = `/etc/sysctl.d/99-kinpod-${name}.conf`;
  const text = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  const now = Object.entries(settings).map(([key, value]) => asRoot('sysctl', '-w', `${key}=${value}`));
  return [...now, ...writing(path, text.join(''))];
}

function pasteable(command: FixCommand, uid: number): string {
  const sudo = command.asRoot && uid !== 0 ? ['sudo'] : [];
  const [program = '', ...args] = [...sudo, ...command.argv];
  const line = commandLine(program, args);
  if (command.input === undefined) return line;
  const lines = command.input.trimEnd().split('\n');
  return `${commandLine('printf', ['%s\\n', ...lines])} | ${line}`;
}
