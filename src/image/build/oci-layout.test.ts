import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeLayer } from './layer.ts';
import { goArch, writeOciLayout } from './oci-layout.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-layout-'));
});
afterEach(() => rm(dir, { recursive: true }));

const madeAt = new Date(0);
const layerWith = (name: string) =>
  writeLayer(join(dir, `${name}.tar`), [{ type: 'file', path: `/${name}`, mode: 0o644, content: name }], madeAt);

test('every digest of the layout leads to bytes with that digest and size', async () => {
  const [base, program] = [await layerWith('base'), await layerWith('program')];
  const layout = join(dir, 'layout');
  await writeOciLayout(
    layout,
    [
      { name: 'registry.k8s.io/a:v1', config: { Cmd: ['a'] }, layers: [base, program] },
      { name: 'registry.k8s.io/b:v1', config: { Cmd: ['b'] }, layers: [base] },
    ],
    madeAt,
  );
  const read = async (descriptor: { digest: string; size: number }) => {
    const bytes = await readFile(join(layout, 'blobs', 'sha256', descriptor.digest.replace('sha256:', '')));
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(descriptor.digest);
    expect(bytes.length).toBe(descriptor.size);
    return bytes;
  };
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  expect(index.manifests.map((m: { annotations: object }) => m.annotations)).toEqual([
    { 'io.containerd.image.name': 'registry.k8s.io/a:v1', 'org.opencontainers.image.ref.name': 'registry.k8s.io/a:v1' },
    { 'io.containerd.image.name': 'registry.k8s.io/b:v1', 'org.opencontainers.image.ref.name': 'registry.k8s.io/b:v1' },
  ]);
  const manifest = JSON.parse(String(await read(index.manifests[0])));
  for (const layer of manifest.layers) await read(layer);
  const config = JSON.parse(String(await read(manifest.config)));
  expect(config.rootfs.diff_ids).toEqual([base.digest, program.digest]);
  expect(config.config).toEqual({ Cmd: ['a'] });
  expect(config.architecture).toBe(goArch());
});

test('a layer that images share is there once', async () => {
  const base = await layerWith('base');
  const images = ['a', 'b'].map((name) => ({ name, config: { Cmd: [name] }, layers: [base] }));
  await writeOciLayout(join(dir, 'layout'), images, madeAt);
  // One layer, and a config and a manifest for each image.
  expect(await readdir(join(dir, 'layout', 'blobs', 'sha256'))).toHaveLength(5);
});

test('architectures have the names that Go and registries use', () => {
  expect([goArch('x64'), goArch('arm64')]).toEqual(['amd64', 'arm64']);
});

test('a layer behind a symbolic link is linked itself', async () => {
  const layer = await layerWith('base');
  const path = join(dir, 'elsewhere.tar');
  await symlink(layer.path, path);
  const layout = join(dir, 'layout');
  await writeOciLayout(layout, [{ name: 'registry.k8s.io/a:v1', config: {}, layers: [{ ...layer, path }] }], madeAt);
  const blob = await lstat(join(layout, 'blobs', 'sha256', layer.digest.replace('sha256:', '')));
  expect(blob.isFile()).toBe(true);
});
