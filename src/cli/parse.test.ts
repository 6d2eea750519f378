import { describe, expect, test } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import { defineCommand } from './command.ts';
import { arg, flag } from './flag.ts';
import { parse } from './parse.ts';

const run = async () => {};
const commands = [
  defineCommand({
    path: ['create', 'cluster'],
    summary: 'Create',
    args: { name: arg.optional('name', { sameAs: 'name' }) },
    flags: {
      name: flag.text('name', { short: 'n', env: 'CLUSTER_NAME' }),
      wait: flag.duration('wait'),
      retain: flag.boolean('retain'),
      nodes: flag.list('nodes'),
      output: flag.choice('output', ['json'], { short: 'o' }),
      dryRun: flag.boolean('dry run'),
    },
    examples: [],
    run,
  }),
  defineCommand({
    path: ['delete', 'clusters'],
    summary: 'Delete',
    args: { names: arg.rest('names') },
    examples: [],
    run,
  }),
  defineCommand({
    path: ['load'],
    summary: 'Load',
    args: { files: arg.some('files', 'name a file') },
    examples: [],
    run,
  }),
  defineCommand({
    path: ['kubectl'],
    summary: 'kubectl',
    args: { args: arg.rest('args') },
    flags: { name: flag.text('name', { short: 'n' }) },
    passThrough: true,
    examples: [],
    run,
  }),
];

function read(line: string, env: NodeJS.ProcessEnv = {}) {
  const request = parse(commands, line.split(' ').filter(Boolean), env, '1.2.3');
  if (request.kind !== 'run') throw new Error(`printed: ${request.text}`);
  return request;
}

function refusal(line: string, env: NodeJS.ProcessEnv = {}): KinpodError {
  try {
    read(line, env);
  } catch (error) {
    if (error instanceof KinpodError) return error;
    throw error;
  }
  throw new Error(`"${line}" was accepted`);
}

describe('flags', () => {
  test('what is not given is undefined, false or empty', () => {
    expect(read('create cluster').flags).toEqual({
      name: undefined,
      wait: undefined,
      retain: false,
      nodes: [],
      output: undefined,
      dryRun: false,
    });
  });

  test.each([
    ['create cluster --name a', { name: 'a' }],
    ['create cluster --name=a', { name: 'a' }],
    ['create cluster -n a', { name: 'a' }],
    ['create cluster -na', { name: 'a' }],
    ['create cluster --name a --name b', { name: 'b' }],
    ['create cluster --wait 1m30s', { wait: 90_000 }],
    ['create cluster --retain', { retain: true }],
    ['create cluster --retain=true', { retain: true }],
    ['create cluster --retain=false', { retain: false }],
    ['create cluster --dry-run', { dryRun: true }],
    ['create cluster --nodes a,b --nodes c', { nodes: ['a', 'b', 'c'] }],
    ['create cluster -o json', { output: 'json' }],
    ['create cluster a', { name: 'a' }],
    ['create cluster a --name a', { name: 'a' }],
  ])('%s', (line, expected) => {
    expect(read(line).flags).toMatchObject(expected);
  });

  test('the environment names the cluster where the command line does not', () => {
    const env = { KIND_CLUSTER_NAME: 'e' };
    expect(read('create cluster', env).flags).toMatchObject({ name: 'e' });
    expect(read('create cluster', { ...env, KINPOD_CLUSTER_NAME: 'f' }).flags).toMatchObject({ name: 'f' });
    expect(read('create cluster --name a', env).flags).toMatchObject({ name: 'a' });
    expect(read('create cluster a', env).flags).toMatchObject({ name: 'a' });
  });

  test('global flags may stand before and after the command, the later one counts', () => {
    expect(read('-v 3 create -q cluster').globals).toMatchObject({ verbosity: 3, quiet: true });
    expect(read('-v 3 create cluster -v 1').globals).toMatchObject({ verbosity: 1 });
  });
});

describe('arguments', () => {
  test('the rest are all that follow', () => {
    expect(read('delete clusters').args).toEqual({ names: [] });
    expect(read('delete clusters a b').args).toEqual({ names: ['a', 'b'] });
  });

  test.each([
    ['kubectl -- get pods -A --name x --all=true', ['get', 'pods', '-A', '--name', 'x', '--all=true'], undefined],
    ['kubectl get pods -o wide', ['get', 'pods', '-o', 'wide'], undefined],
    ['kubectl --name ci -- get pods -q', ['get', 'pods', '-q'], 'ci'],
    ['kubectl -n ci exec x -- sh -c --quiet=true', ['exec', 'x', '--', 'sh', '-c', '--quiet=true'], 'ci'],
  ])('%s: what is for another program is passed on as it is', (line, args, name) => {
    expect(read(line)).toMatchObject({ args: { args }, flags: { name }, globals: { quiet: false } });
  });
});

describe('what is wrong is said, with the nearest right thing', () => {
  test.each([
    ['create cluster --nmae a', 'unknown flag: --nmae', 'did you mean --name?'],
    ['create cluster --zzzzzz', 'unknown flag: --zzzzzz', 'kinpod create cluster --help   (shows what there is)'],
    ['craete cluster', 'unknown command "craete" for "kinpod"', 'did you mean create?'],
    ['create clutser', 'unknown command "clutser" for "kinpod create"', 'did you mean cluster?'],
    ['create', 'subcommand is required', 'kinpod create cluster'],
    ['create cluster --name', 'flag needs a value: --name', 'kinpod create cluster --help   (shows what there is)'],
    [
      'create cluster a b',
      'too many arguments: expected 1, got 2',
      'kinpod create cluster --help   (shows what there is)',
    ],
    ['create cluster a --name b', '"a" and --name "b" do not agree', 'give one of them'],
    ['load', 'name a file', 'kinpod load <files...> [flags]'],
    ['create cluster -o yaml', 'invalid value for --output: "yaml" is not one of json', undefined],
    ['create cluster -v many', 'invalid value for --verbosity: "many" is not a number of 0 or more', undefined],
    [
      'create cluster --wait 5',
      'invalid value for --wait: "5" is not a duration',
      'write a number with a unit: 30s, 5m, 1m30s, 1h, or 0',
    ],
  ])('%s', (line, message, hint) => {
    expect(refusal(line)).toMatchObject({ message, hint, code: 'usage', exitCode: 1 });
  });
});
