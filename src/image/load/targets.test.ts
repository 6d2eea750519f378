import { expect, test } from 'vitest';
import type { ContainerRole, NodeInfo } from '../../provider/provider.ts';
import { chooseNodes } from './targets.ts';

const node = (name: string, role: ContainerRole, running = true): NodeInfo => ({
  name,
  cluster: 'c',
  role,
  running,
  labels: {},
});
const nodes = [
  node('c-control-plane', 'control-plane'),
  node('c-external-load-balancer', 'external-load-balancer'),
  node('c-worker', 'worker'),
  node('c-worker2', 'worker', false),
];

test('all nodes but a load balancer are meant where none is named', () => {
  expect(chooseNodes(nodes.slice(0, 3), 'c', [])).toEqual(['c-control-plane', 'c-worker']);
});

test('only the named ones are meant where some are', () => {
  expect(chooseNodes(nodes, 'c', ['c-worker'])).toEqual(['c-worker']);
});

test.each([
  ['a cluster that does not exist', [], [], 'no nodes found for cluster "c"'],
  ['a node that does not exist', nodes, ['c-worker', 'x'], 'unknown node: "x"'],
  ['the load balancer', nodes, ['c-external-load-balancer'], 'unknown node: "c-external-load-balancer"'],
  ['a stopped node', nodes, [], 'stopped nodes cannot be given images: c-worker2'],
])('%s is refused', (_, all, wanted, message) => {
  expect(() => chooseNodes(all, 'c', wanted)).toThrow(message);
});
