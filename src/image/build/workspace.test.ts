import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyOf, Workspace } from './workspace.ts';

let root: string;
let workspace: Workspace;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kinpod-workspace-'));
  workspace = new Workspace(root);
  await workspace.open();
});
afterEach(() => rm(root, { recursive: true }));

const write = (text: string) => (path: string) => writeFile(path, text);

test('a thing is made once for a key', async () => {
  let made = 0;
  const make = async (path: string) => {
    made += 1;
    await writeFile(path, 'thing');
  };
  const first = await workspace.cached('debian', 'key', make);
  const second = await workspace.cached('debian', 'key', make);
  expect(second).toBe(first);
  expect(made).toBe(1);
  expect(await readFile(second, 'utf8')).toBe('thing');
});

test('what fails in the making is not in the cache, and is made again', async () => {
  const failing = workspace.cached('stores', 'key', async (path) => {
    await writeFile(path, 'half');
    throw new Error('no space left on device');
  });
  await expect(failing).rejects.toThrow('no space');
  expect(await workspace.has('stores', 'key')).toBe(false);
  expect(await readFile(await workspace.cached('stores', 'key', write('whole')), 'utf8')).toBe('whole');
});

test('what a killed build left in the making is gone when the next one begins', async () => {
  await mkdir(join(workspace.temporary, 'debian-x'));
  await new Workspace(root).open();
  expect(await readdir(workspace.temporary)).toEqual([]);
});

test('closing removes what no build has used for a month, and keeps the rest', async () => {
  const old = await workspace.cached('programs', 'old', write(''));
  const used = await workspace.cached('programs', 'used', write(''));
  const longAgo = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  await utimes(old, longAgo, longAgo);
  await utimes(used, longAgo, longAgo);
  await workspace.cached('programs', 'used', write(''));
  await workspace.close();
  expect([existsSync(old), existsSync(used), existsSync(workspace.temporary)]).toEqual([false, true, false]);
});

test('closing keeps the stores that were used last, which are large', async () => {
  for (const [age, key] of ['first', 'second', 'third', 'fourth', 'oldest'].entries()) {
    const path = await workspace.cached('stores', key, write(''));
    const used = new Date(Date.now() - age * 1000);
    await utimes(path, used, used);
  }
  await workspace.close();
  expect((await readdir(join(root, 'stores'))).sort()).toEqual(['first', 'fourth', 'second', 'third']);
});

test('keys tell apart what is joined differently', () => {
  expect(keyOf('ab', 'c')).not.toBe(keyOf('a', 'bc'));
  expect(keyOf({ a: 1 })).toBe(keyOf({ a: 1 }));
});
