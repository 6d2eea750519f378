import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allPodsReady, TestCluster, useHome } from '../support/cluster.ts';
import { added, engineState, footprint, traces } from '../support/engine-state.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { type Kind, prepareKind, whyNoKind } from '../support/kind.ts';
import { removeTestObjects } from '../support/podman.ts';
import { unless } from '../support/unless.ts';

const reason = await whyNoKind();
const home = useHome();
const cluster = new TestCluster('interop', home);
let kind: Kind;
let before: string[];
/** What each of the two printed while it created a cluster of this name. */
const talk = { kind: '', kinpod: '' };

beforeAll(async () => {
  before = await engineState();
  kind = await prepareKind(home.path('.'), home.kubeconfig);
});
afterAll(async () => {
  await removeTestObjects(cluster.name);
  await kind?.dispose();
});

describe("kinpod's cluster in the eyes of kind", unless(reason), () => {
  beforeAll(async () => {
    await cluster.create();
    talk.kinpod = cluster.created.stderr;
  });

  test('is listed, with its node', async () => {
    expect((await kind.run(['get', 'clusters'])).stdout.split('\n')).toContain(cluster.name);
    expect((await kind.run(['get', 'nodes', '--name', cluster.name])).stdout).toBe(cluster.node);
  });

  test('gives a kubeconfig that works', async () => {
    const { stdout } = await kind.run(['get', 'kubeconfig', '--name', cluster.name]);
    const KUBECONFIG = await home.write('from-kind', stdout);
    expect(await cluster.kubectl(['get', '--raw', '/readyz'], { env: { KUBECONFIG } })).toBe('ok');
    // Both write the same entries: either may replace what the other wrote.
    const own = parse((await cluster.kinpod(['get', 'kubeconfig'])).stdout);
    expect(parse(stdout)).toEqual(own);
  });

  test('has its logs exported', async () => {
    const { exitCode, stderr } = await kind.run(['export', 'logs', '--name', cluster.name, home.path('logs')]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await home.read(`logs/${cluster.node}/kubelet.log`)).toContain('kubelet');
  });

  test('is deleted completely', async () => {
    const names = await footprint(cluster.name);
    const { exitCode, stderr } = await kind.run(['delete', 'cluster', '--name', cluster.name]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(added(before, await engineState())).toEqual([]);
    expect(await traces(names)).toEqual([]);
    expect(await home.read('kubeconfig')).not.toContain(cluster.name);
  });
});

describe("kind's cluster from kinpod's node image", unless(reason), () => {
  beforeAll(async () => {
    const args = ['create', 'cluster', '--name', cluster.name, '--image', NODE_IMAGE, '--wait', '3m'];
    const { exitCode, stderr } = await kind.run([...args, '--config', kind.configPath]);
    if (exitCode !== 0) throw new Error(`kind made no cluster:\n${stderr}`);
    talk.kind = stderr;
    await cluster.takeKubectl();
  });

  test('gets all its pods running', async () => {
    expect(talk.kind).toContain('Ready after');
    const pods = (await allPodsReady(cluster)).map((p) => p.metadata.name);
    expect(pods).toContainEqual(expect.stringContaining('kindnet-'));
  });

  test('was announced with the same steps as those of kinpod', () => {
    const steps = (text: string) =>
      text
        .split('\n')
        .filter((line) => /^ [•✓] /.test(line))
        .map((line) => line.replace(/ ≤ \S+| after \S+/g, ''));
    expect(steps(talk.kinpod)).toEqual(steps(talk.kind));
  });

  test('is listed by kinpod, with a kubeconfig that works', async () => {
    expect((await home.kinpod(['get', 'clusters'])).stdout.split('\n')).toContain(cluster.name);
    expect((await cluster.kinpod(['get', 'nodes'])).stdout).toBe(cluster.node);
    const exported = await cluster.kinpod(['export', 'kubeconfig', '--kubeconfig', home.path('exported')]);
    expect(exported.exitCode).toBe(0);
    const own = parse(await home.read('exported'));
    expect(own).toEqual(parse((await kind.run(['get', 'kubeconfig', '--name', cluster.name])).stdout));
    const { stdout } = await home.kinpod(['kubectl', '--name', cluster.name, '--', 'get', 'nodes', '-o', 'name']);
    expect(stdout).toBe(`node/${cluster.node}`);
  });

  test('is deleted by kinpod completely', async () => {
    const names = await footprint(cluster.name);
    const { exitCode, stderr } = await cluster.kinpod(['delete', 'cluster']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `Deleting cluster "${cluster.name}" ...\nDeleted nodes: ["${cluster.node}"]`,
    });
    expect(added(before, await engineState())).toEqual([]);
    expect(await traces(names)).toEqual([]);
    expect(await home.read('kubeconfig')).not.toContain(cluster.name);
  });
});
