import { expect, test } from 'vitest';
import { setting } from './setting.ts';

test.each([
  [{}, undefined],
  [{ KIND_CLUSTER_NAME: 'a' }, 'a'],
  [{ KINPOD_CLUSTER_NAME: 'b' }, 'b'],
  [{ KIND_CLUSTER_NAME: 'a', KINPOD_CLUSTER_NAME: 'b' }, 'b'],
  [{ KIND_CLUSTER_NAME: 'a', KINPOD_CLUSTER_NAME: '' }, 'a'],
  [{ KIND_CLUSTER_NAME: '' }, undefined],
])('%j names the cluster %s', (env, expected) => {
  expect(setting(env, 'KIND_CLUSTER_NAME')).toBe(expected);
});
