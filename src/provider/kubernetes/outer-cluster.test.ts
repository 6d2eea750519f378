import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mergeKubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { resolveOuter } from './outer-cluster.ts';

const entry = { name: 'prod', server: 'https://prod.example', caPem: 'a', clientCertPem: 'b', clientKeyPem: 'c' };
let dir: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kinpod-outer-'));
  env = { KUBECONFIG: join(dir, 'config') };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (one: Partial<typeof entry> & { outer?: { context?: string; namespace: string } }) =>
  mergeKubeconfig({ ...entry, ...one }, undefined, env);

test('the one that is named', () => {
  expect(resolveOuter({ context: 'x', namespace: 'n' }, env)).toEqual({ context: 'x', namespace: 'n' });
});

test('the current context, by its name', async () => {
  await write({});
  expect(resolveOuter({ namespace: 'n' }, env)).toEqual({ context: 'prod', namespace: 'n' });
});

test('the one around the cluster of the current context', async () => {
  await write({});
  await write({ name: 'kind-inner', outer: { context: 'prod', namespace: 'ci' } });
  expect(resolveOuter({}, env)).toEqual({ context: 'prod', namespace: 'ci' });
  expect(resolveOuter({ namespace: 'n' }, env)).toEqual({ context: 'prod', namespace: 'n' });
});

test('the one around this Pod, also when the current context is a cluster that was made from here', async () => {
  expect(resolveOuter({}, env, () => true)).toEqual({ serviceAccount: true });
  await write({ name: 'kind-inner', outer: { namespace: 'ci' } });
  expect(resolveOuter({}, env, () => true)).toEqual({ serviceAccount: true, namespace: 'ci' });
});

test('without any, kubectl has the word', () => {
  expect(resolveOuter({}, env, () => false)).toEqual({});
});
