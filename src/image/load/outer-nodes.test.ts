import { expect, test } from 'vitest';
import type { Toleration } from '../../config/types.ts';
import type { OuterNode } from '../../provider/provider.ts';
import { imageNotInCluster, madeNodes } from './outer-nodes.ts';

const CONTROL_PLANE = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

function node(name: string, spec: OuterNode['spec'] = {}): OuterNode {
  return { metadata: { name }, spec: { providerID: `kind://podman/outer/${name}`, ...spec } };
}

test('nodes of kind and kinpod are known by their provider IDs', () => {
  expect(madeNodes([node('outer-worker'), node('outer-worker2')], [])).toEqual({
    provider: 'podman',
    cluster: 'outer',
    nodes: ['outer-worker', 'outer-worker2'],
  });
});

test('nodes of others are not', () => {
  expect(
    madeNodes([{ metadata: { name: 'a' }, spec: { providerID: 'aws:///eu/i-1' } }, { metadata: { name: 'b' } }], []),
  ).toBeUndefined();
});

test('a node that no Pod may be on gets nothing', () => {
  const nodes = [
    node('outer-control-plane', { taints: [CONTROL_PLANE] }),
    node('outer-worker'),
    node('old', { unschedulable: true }),
  ];
  expect(madeNodes(nodes, [])?.nodes).toEqual(['outer-worker']);
});

test.each<[Toleration, boolean]>([
  [{ operator: 'Exists' }, true],
  [{ key: CONTROL_PLANE.key, operator: 'Exists' }, true],
  [{ key: CONTROL_PLANE.key }, true],
  [{ key: CONTROL_PLANE.key, value: 'x' }, false],
  [{ key: 'other', operator: 'Exists' }, false],
  [{ operator: 'Exists', effect: 'NoExecute' }, false],
])('with the toleration %j a tainted node counts: %s', (toleration, counts) => {
  const nodes = [node('outer-control-plane', { taints: [CONTROL_PLANE] }), node('outer-worker')];
  expect(madeNodes(nodes, [toleration])?.nodes.includes('outer-control-plane')).toBe(counts);
});

test('where all are tainted all count: the scheduler then says what it thinks of it', () => {
  expect(madeNodes([node('a', { taints: [CONTROL_PLANE] })], [])?.nodes).toEqual(['a']);
});

test('an image of this machine alone is told to be one', () => {
  expect(imageNotInCluster('localhost/kinpod-node:1', undefined).hint).toContain('localhost/ is no registry');
  expect(imageNotInCluster('ghcr.io/x/node:1', 'unauthorized').hint).not.toContain('no registry');
});
