import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../../exec/run.ts';
import { BuildAssets } from './assets.ts';
import { nodeFileEntries } from './node-layers.ts';
import { BUILD_RUNTIMES } from './node-runtime.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const rootfs = join(root, 'images/node/rootfs');
const facts = {
  kubernetesVersion: 'v1.36.3',
  pauseImage: 'registry.k8s.io/pause:3.10.2',
  provisionerImage: 'docker.io/rancher/local-path-provisioner:v0.0.30',
  ociSpec: undefined,
};

test.each(Object.values(BUILD_RUNTIMES))('every part of the entrypoint is in an image with $name', async (runtime) => {
  const entrypoint = await readFile(join(rootfs, 'usr/local/bin/entrypoint'), 'utf8');
  const parts = /^for part in (.*); do$/m.exec(entrypoint)?.[1]?.split(' ') ?? [];
  const paths = (await nodeFileEntries(new BuildAssets(root), facts, runtime)).map((entry) => entry.path);
  expect(parts).toContain('runtime');
  expect(paths).toEqual(expect.arrayContaining(parts.map((part) => `/kind/lib/${part}.sh`)));
});

describe('replace_in', () => {
  async function replaced(text: string, from: string, to: string): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'kinpod-entrypoint-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const file = join(dir, 'a.conf');
    await writeFile(file, text);
    const script = 'set -eu; . "$1"; replace_in "$2" "$3" "$4"';
    await run('bash', ['-c', script, 'bash', join(rootfs, 'kind/lib/files.sh'), file, from, to]);
    return readFile(file, 'utf8');
  }

  test('takes both texts as they are, wherever they stand', async () => {
    expect(await replaced('a = "*"\nb\na = "*"\n', 'a = "*"', 'a = "&\\1/"')).toBe('a = "&\\1/"\nb\na = "&\\1/"\n');
  });

  test('leaves a file alone that has no such text, as after an earlier start', async () => {
    expect(await replaced('a = 2\n\n\n', 'a = 1', 'a = 2')).toBe('a = 2\n\n\n');
  });
});
