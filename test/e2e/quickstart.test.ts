import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TestCluster, useHome } from '../support/cluster.ts';
import { removeTestObjects } from '../support/podman.ts';

const home = useHome();
const cluster = new TestCluster('quick', home);
afterAll(() => removeTestObjects(cluster.name));

const quickstart = () => cluster.kinpod(['quickstart', '--yes'], { timeoutMs: 280_000 });
const made = `Creating cluster "${cluster.name}" ...`;
const found = [`The cluster "${cluster.name}" is there`, 'The sample workload deployment/hello is there'];

test('quickstart makes a cluster with a workload that answers, and says how to go on', async () => {
  const { exitCode, stdout, stderr } = await quickstart();
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stderr).toContain(made);
  for (const text of found) expect(stderr).not.toContain(text);
  expect(stdout).toMatch(/hello-\w+-\w+/);
  expect(stdout).toContain(`kinpod delete cluster --name ${cluster.name}`);
  expect(parse(await home.read('kubeconfig'))['current-context']).toBe(`kind-${cluster.name}`);
});

test('run again it uses what is there, and says so', async () => {
  const { exitCode, stdout, stderr } = await quickstart();
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stderr).not.toContain(made);
  for (const text of found) expect(stderr).toContain(text);
  expect(stdout).toMatch(/hello-\w+-\w+/);
});

test('without an answer from a terminal it changes nothing of a host that needs nothing', async () => {
  const { exitCode, stderr } = await cluster.kinpod(['quickstart']);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
});
