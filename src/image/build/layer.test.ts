import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackTar } from 'modern-tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeLayer, type LayerEntry, layerOrder, writeLayer } from './layer.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-layer-'));
});
afterEach(() => rm(dir, { recursive: true }));

const madeAt = new Date('2026-07-22T18:07:38Z');

test('a directory comes before what is in it, and missing ones are added', () => {
  const paths = layerOrder([
    { type: 'file', path: '/usr/local/bin/kubelet', mode: 0o755, content: '' },
    { type: 'directory', path: '/tmp', mode: 0o1777 },
    { type: 'symlink', path: '/usr/local-link', target: 'local' },
  ]).map((entry) => entry.path);
  expect(paths).toEqual(['/tmp', '/usr', '/usr/local', '/usr/local-link', '/usr/local/bin', '/usr/local/bin/kubelet']);
});

test('two files at one path are refused', () => {
  const entry: LayerEntry = { type: 'file', path: '/a', mode: 0o644, content: '' };
  expect(() => layerOrder([entry, entry])).toThrow('two entries for /a');
});

test('a layer holds content, modes, links and root as the owner', async () => {
  await writeFile(join(dir, 'program'), 'binary');
  const layer = await writeLayer(
    join(dir, 'layer.tar'),
    [
      { type: 'file', path: '/bin/program', mode: 0o755, source: join(dir, 'program') },
      { type: 'file', path: '/etc/empty', mode: 0o600, content: '' },
      { type: 'symlink', path: '/bin/sh', target: 'program' },
    ],
    madeAt,
  );
  const entries = await unpackTar(await readFile(layer.path));
  const shown = entries.map(({ header, data }) => [
    header.name,
    header.type,
    (header.mode ?? 0).toString(8),
    header.linkname || Buffer.from(data ?? []).toString(),
  ]);
  expect(shown).toEqual([
    ['bin/', 'directory', '755', ''],
    ['bin/program', 'file', '755', 'binary'],
    ['bin/sh', 'symlink', '777', 'program'],
    ['etc/', 'directory', '755', ''],
    ['etc/empty', 'file', '600', ''],
  ]);
  expect(entries.every(({ header }) => header.uid === 0 && header.gid === 0)).toBe(true);
});

test('the digest is that of the written bytes, and the same for the same entries in any order', async () => {
  const entries: LayerEntry[] = [
    { type: 'file', path: '/a', mode: 0o644, content: 'a' },
    { type: 'file', path: '/b/c', mode: 0o644, content: 'c' },
  ];
  const one = await writeLayer(join(dir, '1.tar'), entries, madeAt);
  const two = await writeLayer(join(dir, '2.tar'), entries.toReversed(), madeAt);
  const bytes = await readFile(one.path);
  expect(one.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  expect(one.size).toBe(bytes.length);
  expect(two.digest).toBe(one.digest);
  expect(await describeLayer(one.path)).toEqual(one);
});

test('a file that is missing fails the layer', async () => {
  const entry: LayerEntry = { type: 'file', path: '/a', mode: 0o644, source: join(dir, 'missing') };
  await expect(writeLayer(join(dir, 'layer.tar'), [entry], madeAt)).rejects.toThrow('ENOENT');
});
