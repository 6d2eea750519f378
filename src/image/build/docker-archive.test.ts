import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDockerArchive } from './docker-archive.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-archive-'));
});
afterEach(() => rm(dir, { recursive: true }));

const manifest = (images: object[]) => writeFile(join(dir, 'manifest.json'), JSON.stringify(images));
const config = '{"architecture":"amd64", "os":"linux"}';

test('an archive of today has its layers under blobs/, packed or not', async () => {
  await mkdir(join(dir, 'blobs', 'sha256'), { recursive: true });
  await writeFile(join(dir, 'blobs/sha256/c'), config);
  await writeFile(join(dir, 'blobs/sha256/1'), Buffer.alloc(1024));
  await writeFile(join(dir, 'blobs/sha256/2'), gzipSync(Buffer.alloc(1024)));
  await manifest([{ Config: 'blobs/sha256/c', RepoTags: [], Layers: ['blobs/sha256/1', 'blobs/sha256/2'] }]);
  expect(await readDockerArchive(dir)).toEqual({
    // Byte by byte: its digest is the image's ID.
    config,
    layers: [{ path: join(dir, 'blobs/sha256/1') }, { path: join(dir, 'blobs/sha256/2'), packed: 'gzip' }],
  });
});

test('an archive of old has a directory for each layer', async () => {
  await mkdir(join(dir, 'abc'));
  await writeFile(join(dir, 'c.json'), config);
  await writeFile(join(dir, 'abc/layer.tar'), Buffer.alloc(1024));
  await manifest([{ Config: 'c.json', Layers: ['abc/layer.tar'] }]);
  expect((await readDockerArchive(dir)).layers).toEqual([{ path: join(dir, 'abc/layer.tar') }]);
});

test.each([
  ['leads out of the archive', [{ Config: '../c.json', Layers: [] }]],
  ['2 images instead of one', [{}, {}]],
  ['0 images instead of one', []],
])('one that %s is refused', async (why, images) => {
  await manifest(images);
  await expect(readDockerArchive(dir)).rejects.toMatchObject({
    code: 'bad-archive',
    details: expect.stringContaining(why),
  });
});

test('one without a manifest is refused', async () => {
  await expect(readDockerArchive(dir)).rejects.toMatchObject({ code: 'bad-archive' });
});
