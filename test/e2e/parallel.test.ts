import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TestCluster, useHome } from '../support/cluster.ts';
import { added, engineState, footprint, traces } from '../support/engine-state.ts';
import { allNodesReady } from '../support/nodes.ts';
import { removeTestObjects } from '../support/podman.ts';

const before = await engineState();
const home = useHome();
const clusters = [1, 2, 3, 4, 5].map((n) => new TestCluster(`at-once-${n}`, home));
afterAll(() => removeTestObjects('kpt-e2e-at-once'));

test('five processes create five clusters at once, and one kubeconfig holds them all', async () => {
  // With a limit of their own: this is five times the work.
  const created = await Promise.all(
    clusters.map((c) => c.kinpod(['create', 'cluster', '--timeout-factor', '2'], { timeoutMs: 280_000 })),
  );
  const talk = created.map((c) => c.stderr).join('\n');
  expect(
    created.map((c) => c.exitCode),
    talk,
  ).toEqual([0, 0, 0, 0, 0]);
  const { contexts } = parse(await home.read('kubeconfig')) as { contexts: { name: string }[] };
  expect(contexts.map((c) => c.name).sort()).toEqual(clusters.map((c) => `kind-${c.name}`));
  await clusters[0]?.takeKubectl();
  for (const cluster of clusters) {
    await cluster.kubectl(['config', 'use-context', `kind-${cluster.name}`]);
    await allNodesReady(cluster, [cluster.node]);
  }
});

test('five processes delete them at once, and nothing is left', async () => {
  const names = (await Promise.all(clusters.map((c) => footprint(c.name)))).flat();
  const deleted = await Promise.all(clusters.map((c) => c.kinpod(['delete', 'cluster'])));
  expect(deleted.map((d) => d.exitCode)).toEqual([0, 0, 0, 0, 0]);
  expect(added(before, await engineState()).filter((one) => one !== 'network kind')).toEqual([]);
  expect(await traces(names)).toEqual([]);
  const left = parse(await home.read('kubeconfig')) as { contexts?: unknown[] };
  expect(left.contexts ?? []).toEqual([]);
});
