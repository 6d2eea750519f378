import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { thaw } from './freezer.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kinpod-freezer-'));
});
afterEach(() => rm(root, { recursive: true }));

async function group(path: string, state: string): Promise<() => Promise<string>> {
  await mkdir(join(root, path), { recursive: true });
  await writeFile(join(root, path, 'freezer.state'), `${state}\n`);
  return () => readFile(join(root, path, 'freezer.state'), 'utf8');
}

test('what is frozen in the named containers is thawed, and nothing of others', async () => {
  await group('libpod_parent/libpod-abc', 'THAWED');
  const pod = await group('libpod_parent/libpod-abc/kubelet/pod1/x', 'FROZEN');
  const freezing = await group('machine.slice/libpod-def.scope/y', 'FREEZING');
  const stranger = await group('libpod_parent/libpod-other/x', 'FROZEN');
  expect(await thaw(['abc', 'def'], root)).toBe(true);
  expect([await pod(), await freezing(), await stranger()]).toEqual(['THAWED', 'THAWED', 'FROZEN\n']);
});

test('where nothing is frozen nothing is done', async () => {
  await group('libpod_parent/libpod-abc', 'THAWED');
  expect(await thaw(['abc'], root)).toBe(false);
});

test('a machine without such a freezer has nothing to thaw', async () => {
  expect(await thaw(['abc'], join(root, 'missing'))).toBe(false);
});
