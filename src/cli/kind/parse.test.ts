import { describe, expect, test } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { commands } from '../commands.ts';
import { kindCommands } from './command-line.ts';
import { parseAsKind } from './parse.ts';
import { kindTree } from './tree.ts';

function read(line: string, env: NodeJS.ProcessEnv = {}) {
  return parseAsKind(commands, line.split(' ').filter(Boolean), env);
}

function refusal(line: string): string {
  try {
    const request = read(line);
    if (request.kind === 'print' && request.error) throw request.error;
  } catch (error) {
    if (error instanceof KinpodError) return error.message;
    throw error;
  }
  throw new Error(`"${line}" was accepted`);
}

// What kind 0.33.0 says; test/e2e/kind-errors.test.ts asks it.
describe('what kind refuses is refused in its words', () => {
  test.each([
    ['foo', 'unknown command "foo" for "kind"'],
    ['gat', 'unknown command "gat" for "kind"\n\nDid you mean this?\n\tget\n'],
    ['check', 'unknown command "check" for "kind"'],
    ['-h get clusters', 'unknown command "clusters" for "kind"'],
    ['create', 'Subcommand is required'],
    ['create foo', 'Subcommand is required'],
    ['load', 'Subcommand is required'],
    ['load foo', 'unknown command "foo" for "kind load"'],
    ['create cluster foo', 'unknown command "foo" for "kind create cluster"'],
    ['create cluster --nmae x', 'unknown flag: --nmae'],
    ['create cluster --dry-run', 'unknown flag: --dry-run'],
    ['create cluster -o json', "unknown shorthand flag: 'o' in -o"],
    ['create cluster --name', 'flag needs an argument: --name'],
    ['create cluster -n', "flag needs an argument: 'n' in -n"],
    ['-qv', "flag needs an argument: 'v' in -v"],
    ['create cluster --=x', 'bad flag syntax: --=x'],
    ['create cluster --wait 5', 'invalid argument "5" for "--wait" flag: time: missing unit in duration "5"'],
    [
      'create cluster --retain=x',
      'invalid argument "x" for "--retain" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    ['-v x version', 'invalid argument "x" for "-v, --verbosity" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    ['get clusters --version', 'unknown flag: --version'],
    ['get nodes -- x', 'unknown command "x" for "kind get nodes"'],
    ['build node-image a b', 'accepts at most 1 arg(s), received 2'],
  ])('kind %s', (line, message) => {
    expect(refusal(line)).toBe(message);
  });
});

describe('what kind takes is read as kind reads it', () => {
  test.each([
    ['create cluster --name a', { name: 'a', retain: false, wait: undefined, dryRun: false, output: undefined }],
    ['create cluster -na --wait 1m30s --retain', { name: 'a', wait: 90_000, retain: true }],
    ['create cluster -n=a --retain=0 --wait=-5s', { name: 'a', wait: -5000, retain: false }],
    ['create cluster --retain --retain=F', { retain: false }],
    ['create cluster --name a --name b', { name: 'b' }],
    ['get nodes -A', { allClusters: true }],
    ['-v 3 get -q nodes -n x', { name: 'x' }],
    ['delete cluster --name=', { name: '' }],
  ])('kind %s', (line, flags) => {
    expect(read(line)).toMatchObject({ kind: 'run', flags });
  });

  test('names of clusters are arguments, the environment names one', () => {
    expect(read('delete clusters a b --kubeconfig k')).toMatchObject({ args: { names: ['a', 'b'] } });
    expect(read('get nodes', { KIND_CLUSTER_NAME: 'e' })).toMatchObject({ flags: { name: 'e' } });
    expect(read('get nodes -n a', { KIND_CLUSTER_NAME: 'e' })).toMatchObject({ flags: { name: 'a' } });
  });

  test('flags of every command may stand anywhere', () => {
    expect(read('-v 0x2 get clusters -q')).toMatchObject({ globals: { verbosity: 2, quiet: true } });
    expect(read('version anything')).toMatchObject({ kind: 'run' });
  });
});

describe('help', () => {
  test('names kind and its commands and flags, and nothing of kinpod', () => {
    const lines = ['', ...Object.keys(kindCommands), ...kindTree(commands).children.map(({ path }) => path.join(' '))];
    for (const line of lines) {
      const request = read(`${line} --help`);
      if (request.kind !== 'print') throw new Error(`${line} has no help`);
      expect(request.text).toContain(`Usage:\n  ${['kind', line].join(' ').trim()}`);
      expect(request.text).not.toMatch(/kinpod/);
      expect(read(`help ${line}`)).toEqual(request);
    }
  });

  test('of a topic that is none', () => {
    expect(read('help foo bar')).toMatchObject({
      text: expect.stringMatching(/^Unknown help topic \[`foo` `bar`\]\n/),
    });
  });

  test('has every command of kind, with every flag', () => {
    const known = new Map(commands.map((command) => [command.path.join(' '), Object.keys(command.flags ?? {})]));
    for (const [path, { flags }] of Object.entries(kindCommands))
      expect(known.get(path)).toEqual(expect.arrayContaining([...flags]));
  });
});
