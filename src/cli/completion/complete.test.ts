import { describe, expect, test } from 'vitest';
import { commands } from '../commands.ts';
import { answer, type Lookup } from './answer.ts';
import { complete } from './complete.ts';
import { completionTree } from './tree.ts';

const lookup: Lookup = {
  clusters: async () => ['ci', 'kind'],
  nodes: async (cluster) => [`${cluster}-control-plane`, `${cluster}-worker`],
};

/** What is offered at the end of a line, without the words about it; a line that ends with a space begins a new word. */
async function offered(line: string, options: { asKind?: boolean; env?: NodeJS.ProcessEnv } = {}) {
  const words = line.split(' ').slice(1);
  const completion = complete(completionTree(commands, options.asKind ?? false), words);
  const text = await answer(completion, words.at(-1) ?? '', lookup, options.env ?? {});
  return text
    .trimEnd()
    .split('\n')
    .map((one) => one.split('\t')[0]);
}

describe('what a shell offers', () => {
  test.each([
    ['kinpod cre', ['create', ':4']],
    ['kinpod create ', ['cluster', ':4']],
    ['kinpod create clu', ['cluster', ':4']],
    ['kinpod -v 1 cre', ['create', ':4']],
    ['kinpod nothing ', [':4']],
    ['kinpod create cluster --na', ['--name', '--namespace', ':4']],
    ['kinpod create cluster --name x --na', ['--namespace', ':4']],
    ['kinpod delete cluster ', ['ci', 'kind', ':4']],
    ['kinpod delete cluster --name ', ['ci', 'kind', ':4']],
    ['kinpod delete cluster --name k', ['kind', ':4']],
    ['kinpod delete cluster -n ', ['ci', 'kind', ':4']],
    ['kinpod delete cluster --name=c', ['ci', ':4']],
    ['kinpod delete cluster --name ci ', [':4']],
    ['kinpod delete clusters ci ', ['ci', 'kind', ':4']],
    ['kinpod create cluster --retain=', ['true', 'false', ':4']],
    ['kinpod create cluster --config ', [':0']],
    ['kinpod create cluster --config=x', [':0']],
    ['kinpod create cluster --wait ', [':4']],
    ['kinpod check --for b', ['build', ':4']],
    ['kinpod check -o ', ['json', ':4']],
    ['kinpod config validate ', [':0']],
    ['kinpod get nodes x ', [':4']],
    ['kinpod get nodes -- --na', [':4']],
    ['kinpod load docker-image x --nodes ', ['kind-control-plane', 'kind-worker', ':4']],
    [
      'kinpod load docker-image x -n ci --nodes=ci-worker,',
      ['ci-worker,ci-control-plane', 'ci-worker,ci-worker', ':4'],
    ],
    ['kinpod load image-archive ', [':0']],
    ['kinpod export logs ', [':16']],
    ['kinpod kubectl -n ', ['ci', 'kind', ':4']],
    ['kinpod kubectl -- get --na', [':0']],
    ['kinpod completion ', ['bash', 'zsh', 'fish', 'powershell', ':4']],
  ])('%s', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  test('every command, with what it does', async () => {
    const words = complete(completionTree(commands, false), ['']).candidates;
    expect(words.map(({ value }) => value)).toEqual([...new Set(commands.map(({ path }) => path[0]))]);
    for (const { about } of words) expect(about).not.toBe('');
  });

  test('to who calls it kind, kind’s commands and flags only', async () => {
    expect(await offered('kind qu', { asKind: true })).toEqual([':4']);
    expect(await offered('kind create cluster --d', { asKind: true })).toEqual([':4']);
    expect(await offered('kind create cluster ', { asKind: true })).toEqual([':4']);
    expect(await offered('kind create cluster --wa', { asKind: true })).toEqual(['--wait', ':4']);
  });

  test('nothing where the engine cannot be asked', async () => {
    const failing = { ...lookup, clusters: () => Promise.reject(new Error('no engine')) };
    const completion = complete(completionTree(commands, false), ['delete', 'cluster', '']);
    expect(await answer(completion, '', failing, {})).toBe(':4\n');
  });
});

describe('names of nodes', () => {
  const nodes = { candidates: [], names: 'node', prefix: '' } as const;
  test.each([
    ['of the cluster on the command line', { ...nodes, cluster: 'ci' }, '', {}, 'ci'],
    ['of the cluster in the environment', nodes, '', { KIND_CLUSTER_NAME: 'e' }, 'e'],
    ['of the cluster that is meant without a name', nodes, '', {}, 'kind'],
  ])('%s', async (_, completion, current, env, cluster) => {
    const text = `${cluster}-control-plane\n${cluster}-worker\n:4\n`;
    expect(await answer(completion, current, lookup, env)).toBe(text);
  });

  test('follow those that a list has already', async () => {
    const completion = { ...nodes, prefix: 'a,' };
    expect(await answer(completion, '--nodes=a,kind-w', lookup, {})).toBe('a,kind-worker\n:4\n');
  });
});
