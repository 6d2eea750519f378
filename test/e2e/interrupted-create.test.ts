import { existsSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RunningKinpod } from '../support/cli.ts';
import { TestCluster, useHome } from '../support/cluster.ts';
import { added, engineState } from '../support/engine-state.ts';
import { podmanLines, removeTestObjects } from '../support/podman.ts';

/** Moments of a create, by the line that announces what comes next. */
const moments = [
  { when: 'before anything is made', line: 'Creating cluster' },
  { when: 'while the node is being made', line: 'Preparing nodes' },
  { when: 'when the node is there, without its files', line: 'Writing configuration' },
  { when: 'while the node starts', line: 'Starting control-plane' },
  { when: 'while the cluster is set up', line: 'Installing CNI' },
  { when: 'when the kubeconfig is written', line: 'Waiting ≤' },
] as const;

const home = useHome();
const cluster = new TestCluster('crash', home);
const create = ['create', 'cluster', '--name', cluster.name, '--wait', '2m'];
let before: string[];

beforeAll(async () => {
  // The network of all clusters stays when the last one goes: have it from the beginning.
  await cluster.create({ kubeconfig: '# mine\n' });
  await cluster.delete();
  before = await engineState();
});
afterEach(() => removeTestObjects(cluster.name));
afterAll(() => removeTestObjects(cluster.name));

/** What is left of the cluster, in the engine and in the directory of its kubeconfig. */
async function left(): Promise<string[]> {
  const files = readdirSync(home.path('.')).filter((name) => name.startsWith('kubeconfig.') || name.endsWith('.tmp'));
  const entry = existsSync(home.kubeconfig) && (await home.read('kubeconfig')).includes(cluster.name);
  return [...added(before, await engineState()), ...files, ...(entry ? ['kubeconfig entry'] : [])];
}

describe('a kinpod that is killed', () => {
  test.each(moments)('$when leaves only what "delete cluster" removes', async ({ line }) => {
    const running = new RunningKinpod(create, home.env);
    await running.hasPrinted(line);
    running.kill('SIGKILL');
    await running.ended();
    await running.orphansEnded();
    await cluster.delete();
    expect(await left()).toEqual([]);
  });

  test('does not spoil the name of its cluster', async () => {
    const again = await home.kinpod(create);
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    await cluster.delete();
    expect(await left()).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  const undone = async (line: string, interrupt: (running: RunningKinpod) => void) => {
    const running = new RunningKinpod(create, home.env);
    await running.hasPrinted(line);
    interrupt(running);
    expect(await running.ended()).toBe(130);
    expect(running.stderr).toContain('interrupted: cleaning up');
    expect(running.stderr).toMatch(/^ERROR: interrupted$/m);
    expect(await left()).toEqual([]);
  };

  test.each(moments)('$when undoes everything, with exit code 130', ({ line }) =>
    undone(line, (running) => running.killGroup('SIGINT')),
  );

  test.each(moments.slice(2, 4))('that reaches kinpod alone $when does the same', ({ line }) =>
    undone(line, (running) => running.kill('SIGINT')),
  );
});

test('SIGTERM undoes everything too, as when a CI job is cancelled: exit code 143', async () => {
  const running = new RunningKinpod(create, home.env);
  await running.hasPrinted('Starting control-plane');
  running.kill('SIGTERM');
  expect(await running.ended()).toBe(143);
  expect(await left()).toEqual([]);
});

test('two creates of one name at once: one cluster, one refusal', async () => {
  const both = await Promise.all([home.kinpod(create), home.kinpod(create)]);
  expect(both.map((one) => one.exitCode).sort()).toEqual([0, 1]);
  const refusal = both.find((one) => one.exitCode === 1)?.stderr;
  expect(refusal).toContain('ERROR: failed to create cluster:');
  const nodes = await podmanLines('ps', '--format', '{{.Names}}', '--filter', `name=^${cluster.node}$`);
  expect(nodes).toEqual([cluster.node]);
  await cluster.takeKubectl();
  expect(await cluster.kubectl(['get', '--raw', '/readyz'])).toBe('ok');
  await cluster.delete();
  expect(await left()).toEqual([]);
});
