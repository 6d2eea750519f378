import { expect, test } from 'vitest';
import { clusterOf } from '../node/testing/kubeadm-input.ts';
import { layOut } from './layout.ts';
import { startedAhead } from './start-order.ts';
import { NODE_IMAGE } from './testing/creation.ts';

function ahead(roles: readonly string[], together = false): string[] {
  const config = clusterOf(`name: ci\nnodes: [${roles.map((role) => `{role: ${role}}`).join(', ')}]`);
  const images = roles.map(() => NODE_IMAGE);
  return startedAhead(layOut(config, images, 'podman', NODE_IMAGE.reference), together);
}

test('the control plane starts before the workers are made, wherever it stands in the configuration', () => {
  expect(ahead(['worker', 'control-plane', 'worker'])).toEqual(['ci-control-plane']);
});

test('several control planes start together, and with the load balancer that they look for', () => {
  expect(ahead(['control-plane', 'worker', 'control-plane', 'control-plane'])).toEqual([
    'ci-control-plane',
    'ci-control-plane2',
    'ci-control-plane3',
    'ci-external-load-balancer',
  ]);
});

test.each([[['control-plane']], [['control-plane', 'control-plane', 'control-plane']]])(
  'without workers nobody is ahead of anybody: %j',
  (roles) => {
    expect(ahead(roles)).toEqual([]);
  },
);

test('nodes that can only start together do so', () => {
  expect(ahead(['control-plane', 'worker'], true)).toEqual([]);
});
