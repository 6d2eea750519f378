import type { AnyCommand } from './command.ts';
import { type Args, type Flag, type Flags, flagName } from './flag.ts';
import { globalFlags } from './globals.ts';
import { program } from './groups.ts';
import { flagSyntax, flagText, usageOf } from './help.ts';

/** The reference page of all commands, in Markdown. */
export function referencePage(commands: readonly AnyCommand[]): string {
  const sorted = [...commands].sort((a, b) => (a.path.join(' ') < b.path.join(' ') ? -1 : 1));
  return [
    '<!-- Made from the command table in src/cli by "npm run docs". Do not edit. -->',
    `# ${program.name}`,
    program.description,
    'Data goes to stdout, everything else to stderr. The exit code is 0, or 1 where something failed; 130 after Ctrl-C.',
    '| Command | |\n|---|---|\n' +
      sorted.map((one) => `| [${one.path.join(' ')}](#${anchor(one)}) | ${one.summary} |`).join('\n'),
    '## Flags of every command',
    flagTable({ ...globalFlags, help: { short: 'h', describe: 'show help', boolean: true } as Flag<unknown> }),
    ...sorted.map(section),
    '',
  ].join('\n\n');
}

function section(command: AnyCommand): string {
  const args = Object.entries((command.args ?? {}) as Args);
  const flags = (command.flags ?? {}) as Flags;
  return [
    `## ${title(command)}`,
    `${command.summary}.`,
    ...(command.description ? [command.description] : []),
    `\`\`\`\n${usageOf(command)}\n\`\`\``,
    ...(args.length > 0
      ? [
          `| Argument | |\n|---|---|\n${args.map(([name, one]) => `| \`${name}\` | ${cell(one.describe)} |`).join('\n')}`,
        ]
      : []),
    ...(Object.keys(flags).length > 0 ? [flagTable(flags)] : []),
    `\`\`\`sh\n${command.examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function flagTable(flags: Flags): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => (flagName(a) < flagName(b) ? -1 : 1))
    .map(([key, one]) => `| \`${cell(flagSyntax(key, one))}\` | ${cell(flagText(one))} |`);
  return `| Flag | |\n|---|---|\n${rows.join('\n')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function title(command: AnyCommand): string {
  return [program.name, ...command.path].join(' ');
}

/** As GitHub and most renderers make a heading's anchor. */
function anchor(command: AnyCommand): string {
  return title(command).toLowerCase().replaceAll(' ', '-');
}
