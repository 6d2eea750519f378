import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../exec/run.ts';
import { writeLayer } from './layer.ts';
import { archiveOfLayout } from './layout-archive.ts';
import { writeOciLayout } from './oci-layout.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-layout-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('an OCI layout becomes an archive whose manifest.json names files that are in it', async () => {
  const layer = await writeLayer(join(dir, 'layer.tar'), [], new Date(0));
  await writeOciLayout(join(dir, 'layout'), [{ config: {}, layers: [layer] }], new Date(0));
  const archive = join(dir, 'archive.tar');
  await run('sh', ['-c', 'cat >"$1"', 'sh', archive], { input: await archiveOfLayout(join(dir, 'layout')) });
  const { stdout } = await run('tar', ['--extract', '--to-stdout', '--file', archive, 'manifest.json']);
  const [image] = JSON.parse(stdout);
  expect(image.RepoTags).toBeNull();
  expect(image.Layers).toEqual([`blobs/${layer.digest.replace(':', '/')}`]);
  const { stdout: list } = await run('tar', ['--list', '--file', archive]);
  expect(list.split('\n')).toEqual(expect.arrayContaining([image.Config, ...image.Layers]));
});
