import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadClusterConfig } from '../../config/load.ts';
import { KubernetesProvider } from './kubernetes-provider.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kpt-kubectl-'));
  vi.stubEnv('PATH', `${dir}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

/** A kubectl that notes what it is asked, and does what a shell script says. */
async function kubectl(script: string): Promise<void> {
  await writeFile(join(dir, 'kubectl'), `#!/bin/sh\necho "$*" >>"${dir}/asked"\n${script}\n`);
  await chmod(join(dir, 'kubectl'), 0o755);
}

const asked = async () => (await readFile(join(dir, 'asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const provider = (env: NodeJS.ProcessEnv = {}) =>
  new KubernetesProvider({ context: 'outer', namespace: 'ci' }, { ...process.env, ...env });

describe('a cluster name that no label can have', () => {
  const name = 'a'.repeat(64);

  test('is that of no cluster, and there is nothing to delete', async () => {
    await kubectl('exit 1');
    expect(await provider().listNodes(name)).toEqual([]);
    expect(await provider().deleteCluster(name)).toEqual([]);
    expect(await asked()).toEqual([]);
  });
});

test.each(['Upper', '1st', 'with.dot', 'x'.repeat(40)])(
  'a cluster "%s", whose nodes could not have Services, is refused before the outer cluster is asked for anything',
  async (name) => {
    await kubectl('exit 1');
    const { config, given } = loadClusterConfig(undefined, {});
    const names = { server: `${name}-control-plane`, all: [`${name}-control-plane`] };
    await expect(provider().fitConfig(config, given, names)).rejects.toMatchObject({ code: 'name-unusable' });
    expect(await asked()).toEqual([]);
  },
);

test('an outer cluster that did not answer is asked again', async () => {
  await kubectl(`[ -e "${dir}/again" ] || { touch "${dir}/again"; echo 'connection refused' >&2; exit 1; }
echo '{"items": [{"metadata": {"name": "a"}}]}'`);
  const one = provider();
  await expect(one.outerNodes()).rejects.toMatchObject({ code: 'outer-cluster-unreachable' });
  expect(await one.outerNodes()).toEqual([{ metadata: { name: 'a' } }]);
  await one.outerNodes();
  expect(await asked()).toHaveLength(2);
});

test('a look at an image that failed is taken again', async () => {
  await kubectl(`case $* in
  *' get nodes '*) echo '{"items": []}' ;;
  *' create '*) echo 'the server is overloaded' >&2; exit 1 ;;
esac`);
  const one = provider();
  const creates = async () => (await asked()).filter((line) => line.includes(' create ')).length;
  for (const times of [1, 2]) {
    await expect(one.findImage('example/node:1')).rejects.toThrow();
    expect(await creates()).toBe(times);
  }
});

test.each([
  [{}, '--request-timeout=30s'],
  [{ KINPOD_TIMEOUT_FACTOR: '4' }, '--request-timeout=120s'],
])('with %j an answer may take that long: %s', async (env, flag) => {
  await kubectl('echo \'{"items": []}\'');
  await provider(env).listNodes();
  expect((await asked())[0]).toContain(flag);
});
