import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunOptions, run } from '../../exec/run.ts';
import type { NodeInfo, Provider } from '../../provider/provider.ts';
import { Collection } from './collect.ts';

let dir: string;
let varLog: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-collect-'));
  varLog = join(dir, 'var-log');
  await mkdir(join(varLog, 'pods', 'a'), { recursive: true });
  await mkdir(join(varLog, 'containers'));
  await writeFile(join(varLog, 'pods', 'a', '0.log'), 'of a pod\n', { mode: 0o640 });
  await symlink('../pods/a/0.log', join(varLog, 'containers', 'a.log'));
});
afterEach(() => rm(dir, { recursive: true }));

/** This host stands for a node; `missing` programs are not there. */
function hostAsNode(missing: readonly string[] = []): Provider {
  const say = (text: string, options: RunOptions = {}) => run('echo', [text], options);
  return {
    exec: (_node: string, [command = '', ...args]: readonly string[], options: RunOptions = {}) => {
      if (missing.includes(command)) return run('sh', ['-c', `echo ${command}: not found >&2; exit 127`], options);
      if (command !== 'tar') return say([command, ...args].join(' '), options);
      return run(
        command,
        args.map((one) => one.replace('/var/log/', varLog)),
        options,
      );
    },
    inspectNode: (node: string, options?: RunOptions) => say(`[{"Name":"${node}"}]`, options),
    logs: async (node: string, _lines?: number, options?: RunOptions) => (await say(`${node} says`, options)).stdout,
    copyOut: async (_node: string, _path: string, destination: string) =>
      cp(varLog, destination, { recursive: true, verbatimSymlinks: true }),
  } as unknown as Provider;
}

const node: NodeInfo = { name: 'n', cluster: 'c', role: 'worker', running: true, labels: {} };

async function collect(provider: Provider, info: NodeInfo): Promise<{ collection: Collection; files: string[] }> {
  const collection = new Collection(join(dir, 'out'), undefined);
  await collection.node(provider, info);
  return { collection, files: (await readdir(join(dir, 'out', 'n'), { recursive: true })).sort() };
}

test('a node’s files lie where kind puts them, links as what they lead to', async () => {
  const { collection, files } = await collect(hostAsNode(), node);
  expect(collection.gaps).toEqual([]);
  expect(files).toEqual([
    'containerd.log',
    'containers',
    'containers/a.log',
    'images.log',
    'inspect.json',
    'journal.log',
    'kubelet.log',
    'kubernetes-version.txt',
    'pods',
    'pods/a',
    'pods/a/0.log',
    'serial.log',
  ]);
  const read = (path: string) => readFile(join(dir, 'out', 'n', path), 'utf8');
  expect(await read('containers/a.log')).toBe('of a pod\n');
  expect(await read('kubelet.log')).toBe('journalctl --no-pager -u kubelet.service\n');
});

test('a command that fails leaves a gap with its reason, and its words in the file', async () => {
  const { collection, files } = await collect(hostAsNode(['crictl', 'tar']), node);
  expect(collection.gaps).toEqual(
    expect.arrayContaining([
      { file: 'n/images.log', reason: 'crictl: not found' },
      { file: 'n/pods', reason: 'tar: not found' },
    ]),
  );
  expect(collection.gaps).toHaveLength(2);
  expect(await readFile(join(dir, 'out', 'n', 'images.log'), 'utf8')).toBe('crictl: not found\n');
  expect(files).toContain('kubelet.log');
});

test('of a stopped node there is what the engine has', async () => {
  const { collection, files } = await collect(hostAsNode(), { ...node, running: false });
  expect(collection.gaps).toEqual([{ file: 'n', reason: expect.stringContaining('the node is stopped') }]);
  expect(files).toEqual(expect.arrayContaining(['inspect.json', 'serial.log', 'pods/a/0.log']));
  expect(files).not.toContain('kubelet.log');
});
