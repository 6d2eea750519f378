import { expect, test } from 'vitest';
import { execByHand } from './by-hand.ts';

test('people get into a node by its engine, into a Pod by kubectl', () => {
  const [podman, pods] = [
    { name: 'podman', nodesArePods: false },
    { name: 'kubernetes', nodesArePods: true },
  ];
  expect(execByHand(podman, 'c-worker', 'bash', { terminal: true })).toBe('podman exec -it c-worker bash');
  expect(execByHand(pods, 'c-worker', 'bash', { terminal: true })).toBe('kubectl exec -it c-worker-0 -- bash');
  expect(execByHand(pods, 'c-worker', 'crictl ps')).toBe('kubectl exec c-worker-0 -- crictl ps');
});
