import { expect, test } from 'vitest';
import { variable } from './variables.ts';

test.each([
  [{}, undefined],
  [{ KIND_CLUSTER_NAME: 'a' }, 'a'],
  [{ KINPOD_CLUSTER_NAME: 'b' }, 'b'],
  [{ KIND_CLUSTER_NAME: 'a', KINPOD_CLUSTER_NAME: 'b' }, 'b'],
  [{ KIND_CLUSTER_NAME: 'a', KINPOD_CLUSTER_NAME: '' }, 'a'],
  [{ KIND_CLUSTER_NAME: '' }, undefined],
])('%j names the cluster %s', (env, expected) => {
  expect(variable(env, 'CLUSTER_NAME')).toBe(expected);
});
