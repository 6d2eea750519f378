import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assetsDir } from './assets.ts';

test('the assets of a source tree are found from the sources', () => {
  expect(existsSync(join(assetsDir(), 'images', 'node'))).toBe(true);
  expect(existsSync(join(assetsDir(), 'package.json'))).toBe(true);
});

test('an installed package finds its own assets, not those of a directory above it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'kinpod-assets-'));
  try {
    const inner = join(root, 'node_modules', 'kinpod');
    await mkdir(join(root, 'images', 'node'), { recursive: true });
    await mkdir(join(inner, 'images', 'node'), { recursive: true });
    await mkdir(join(inner, 'dist'), { recursive: true });
    expect(assetsDir(join(inner, 'dist', 'kinpod.js'))).toBe(inner);
    await rm(join(inner, 'images'), { recursive: true });
    expect(assetsDir(join(inner, 'dist', 'kinpod.js'))).toBe(root);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('a package without its assets says so', () => {
  expect(() => assetsDir('/')).toThrow(/images/);
});
