import { describe, expect, test } from 'vitest';
import type { ContainerRole, NodeInfo } from '../provider/provider.ts';
import { podSeconds, stopOrder } from './power.ts';

const node = (name: string, role: ContainerRole, running = true): NodeInfo => ({
  name,
  cluster: 'c',
  role,
  running,
  labels: {},
});
const names = (groups: NodeInfo[][]) => groups.map((group) => group.map((one) => one.name));

describe('nodes stop', () => {
  test('workers first, then control planes, and last what leads to these; stopped ones are left alone', () => {
    const nodes = [
      node('lb', 'external-load-balancer'),
      node('cp1', 'control-plane'),
      node('cp2', 'control-plane'),
      node('w1', 'worker'),
      node('w2', 'worker', false),
    ];
    expect(names(stopOrder(nodes))).toEqual([['w1'], ['cp1', 'cp2'], ['lb']]);
    expect(stopOrder([node('w', 'worker', false)])).toEqual([]);
  });

  test.each<[number, number, number]>([
    [8, 1, 5],
    [8, 2, 1],
    [25, 2, 9],
    [1, 1, 1],
  ])('of %i seconds, %i groups leave their pods %i each', (total, machines, expected) => {
    const groups = [[node('cp', 'control-plane')], [node('w', 'worker')]].slice(0, machines);
    expect(podSeconds([...groups, [node('lb', 'external-load-balancer')]], total)).toBe(expected);
  });
});
