import { Command, type CommanderError, Option } from 'commander';
import { KinpodError } from '../errors/kinpod-error.ts';
import { variable } from '../exec/variables.ts';
import type { AnyCommand } from './command.ts';
import { type Arg, type Args, type Flag, type Flags, flagName } from './flag.ts';
import { type GlobalValues, globalFlags } from './globals.ts';
import { groups, program } from './groups.ts';
import { examplesText, flagText, usageOf } from './help.ts';
import type { Request } from './request.ts';

/**
 * Read a command line.
 * @param argv without the program's own name
 * @throws {KinpodError} `usage` with what is wrong and the nearest right thing
 */
export function parse(
  commands: readonly AnyCommand[],
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  version: string,
): Request {
  let printed = '';
  let request: Request | undefined;
  const root = new Command(program.name)
    .description(program.description)
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: () => {},
    })
    .helpOption('-h, --help', 'show help')
    .configureHelp({
      subcommandTerm: (one) => one.name(),
      styleTitle: (title) => title.replace(/^Options:/, 'Flags:'),
    });
  group(root, version);
  for (const command of commands) {
    const leaf = leafFor(root, command.path, version);
    describe(leaf, command);
    leaf.action(() => {
      request = requestOf(command, leaf, version, env);
    });
  }
  try {
    root.parse(pflagBooleans(commands, helpLast(argv)), { from: 'user' });
  } catch (error) {
    if (error instanceof Printed) return { kind: 'print', text: error.text || printed };
    throw error;
  }
  return request ?? { kind: 'print', text: root.helpInformation() };
}

/** Thrown to stop parsing where the answer is a text: help or the version. */
class Printed {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** `kinpod help create cluster` is `kinpod create cluster --help`. */
function helpLast(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

/** Help of the whole program or of one command, for reference pages too. */
function describe(leaf: Command, command: AnyCommand): void {
  leaf
    .allowExcessArguments(false)
    .summary(command.summary)
    .description(command.description ? `${command.summary}.\n\n${command.description}` : command.summary);
  for (const [name, one] of Object.entries((command.args ?? {}) as Args)) {
    leaf.argument(argumentSyntax(name, one), one.describe);
  }
  addFlags(leaf, (command.flags ?? {}) as Flags);
  addFlags(leaf, globalFlags, 'Global flags:');
  leaf.usage(
    usageOf(command)
      .slice(`${program.name} ${command.path.join(' ')}`.length)
      .trim(),
  );
  leaf.addHelpText('after', examplesText(command));
  if (command.passThrough) leaf.passThroughOptions();
}

function argumentSyntax(name: string, one: Arg<unknown>): string {
  const inner = one.rest ? `${name}...` : name;
  // A missing one is reported with its own words: see requestOf.
  return one.optional || one.missing ? `[${inner}]` : `<${inner}>`;
}

function addFlags(command: Command, flags: Flags, heading?: string): void {
  for (const [key, one] of Object.entries(flags)) {
    const name = `${one.short ? `-${one.short}, ` : ''}${flagName(key)}`;
    const option = new Option(one.boolean ? name : `${name} <${one.value}>`, flagText(one));
    if (heading) option.helpGroup(heading);
    if (!one.boolean) option.argParser((text, before: string[] | undefined) => [...(before ?? []), text]);
    command.addOption(option);
  }
}

function leafFor(root: Command, path: readonly string[], version: string): Command {
  let parent = root;
  path.forEach((word, depth) => {
    let next = parent.commands.find((one) => one.name() === word);
    if (!next) {
      next = parent.command(word);
      if (depth < path.length - 1) group(next.description(groups[word] ?? ''), version);
    }
    parent = next;
  });
  const leaf = parent;
  leaf.exitOverride((error) => stop(error, leaf));
  return leaf;
}

/** A command that has only subcommands, as `kinpod` and `kinpod create`: alone, and with a word that is none of them. */
function group(command: Command, version: string): void {
  addFlags(command, globalFlags);
  command
    .helpCommand(false)
    .usage('<command> [flags]')
    .allowExcessArguments(true)
    .exitOverride((error) => stop(error, command))
    .action(() => {
      if (command.getOptionValue('version')) throw new Printed(versionText(version));
      if (command.args.length > 0) {
        // Commander's own report: it knows the nearest name.
        (command as unknown as { unknownCommand(): void }).unknownCommand();
      }
      if (!command.parent) throw new Printed(command.helpInformation());
      throw new KinpodError('subcommand is required', {
        code: 'usage',
        hint: command.commands.map((one) => pathOf(one)).join('\n'),
      });
    });
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function versionText(version: string): string {
  return `${program.name} version ${version}\n`;
}

function requestOf(command: AnyCommand, leaf: Command, version: string, env: NodeJS.ProcessEnv): Request {
  const globals = readValues(globalFlags, env, (key) =>
    [leaf, ...ancestors(leaf)].map((one) => one.getOptionValue(key)).find((one) => one !== undefined),
  );
  if (globals.version) throw new Printed(versionText(version));
  // One that stands before the command has been taken away already: see compat.ts.
  if (globals.compat) throw new KinpodError('--compat must stand before the command', { code: 'usage' });
  const flags = readValues((command.flags ?? {}) as Flags, env, (key) => leaf.getOptionValue(key));
  const args: Record<string, unknown> = {};
  const values = [...leaf.args];
  for (const [name, one] of Object.entries((command.args ?? {}) as Args)) {
    const own = values.splice(0, one.rest ? values.length : 1);
    if (own.length === 0 && one.missing) throw new KinpodError(one.missing, { code: 'usage', hint: usageOf(command) });
    args[name] = one.parse(own);
    if (one.sameAs && own[0] !== undefined) flags[one.sameAs] = agreed(one.sameAs, leaf, own[0]);
  }
  return { kind: 'run', command, args, flags, globals: globals as GlobalValues };
}

/** What was given both as an argument and as a flag must be the same. */
function agreed(key: string, leaf: Command, argument: string): string {
  const given = (leaf.getOptionValue(key) as string[] | undefined)?.at(-1);
  if (given !== undefined && given !== argument) {
    throw new KinpodError(`"${argument}" and ${flagName(key)} "${given}" do not agree`, {
      code: 'usage',
      hint: 'give one of them',
    });
  }
  return argument;
}

function ancestors(command: Command): Command[] {
  return command.parent ? [command.parent, ...ancestors(command.parent)] : [];
}

function readValues(flags: Flags, env: NodeJS.ProcessEnv, given: (key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).map(([key, one]) => [key, readValue(key, one, given(key), env)]));
}

function readValue(key: string, one: Flag<unknown>, given: unknown, env: NodeJS.ProcessEnv): unknown {
  const fromEnv = one.env && given === undefined ? variable(env, one.env) : undefined;
  const texts =
    given === true ? [''] : Array.isArray(given) ? (given as string[]) : fromEnv === undefined ? [] : [fromEnv];
  if (texts.length === 0 && !one.boolean && !one.repeatable) return undefined;
  try {
    return one.parse(texts);
  } catch (error) {
    if (!(error instanceof KinpodError)) throw error;
    throw new KinpodError(
      `invalid value for ${fromEnv === undefined ? flagName(key) : `KIND_${one.env}`}: ${error.message}`,
      {
        code: 'usage',
        hint: error.hint,
        cause: undefined,
      },
    );
  }
}

/**
 * `--retain=true` and `--retain=false`, as kind's flag library lets booleans be written: the flag alone, and nothing.
 * What follows `--`, or a command that passes its arguments on, is left alone.
 */
function pflagBooleans(commands: readonly AnyCommand[], argv: readonly string[]): string[] {
  const booleans = new Set(
    [globalFlags as Flags, ...commands.map((one) => (one.flags ?? {}) as Flags)].flatMap((flags) =>
      Object.entries(flags).flatMap(([key, one]) => (one.boolean ? [flagName(key)] : [])),
    ),
  );
  const passing = new Set(commands.flatMap((one) => (one.passThrough ? [one.path.at(-1)] : [])));
  const end = argv.findIndex((word) => word === '--' || passing.has(word));
  const own = end < 0 ? argv : argv.slice(0, end);
  const read = own.flatMap((word) => {
    const [, name = '', value] = /^(--[a-z-]+)=(true|false)$/.exec(word) ?? [];
    if (!booleans.has(name)) return [word];
    return value === 'true' ? [name] : [];
  });
  return end < 0 ? read : [...read, ...argv.slice(end)];
}

/** Commander's way out: its complaint in kind's words, where those differ, and its suggestion as what to do. */
function stop(error: CommanderError, command: Command): never {
  if (error.exitCode === 0) throw new Printed('');
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const nearest = /^\(Did you mean (.+?)\?\)$/.exec(rest.join(' '))?.[1];
  const text = message
    .replace(/^unknown option '(.+)'$/, 'unknown flag: $1')
    .replace(/^unknown command '(.+)'$/, `unknown command "$1" for "${pathOf(command)}"`)
    .replace(/^option '(?:-\w, )?(--[\w-]+) <.*>' argument missing$/, 'flag needs a value: $1')
    .replace(
      /^too many arguments.*?Expected (\d+) arguments? but got (\d+).*$/,
      'too many arguments: expected $1, got $2',
    );
  throw new KinpodError(text, {
    code: 'usage',
    hint: nearest ? `did you mean ${nearest}?` : `${pathOf(command)} --help   (shows what there is)`,
  });
}
