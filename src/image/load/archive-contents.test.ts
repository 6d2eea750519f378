import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { packTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { imagesOf, readContents } from './archive-contents.ts';

async function contentsOf(files: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(files).map(([name, content]) => {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    return { header: { name, size: Buffer.byteLength(body), type: 'file' as const }, body };
  });
  return readContents(Readable.from([Buffer.from(await packTar(entries))]));
}

const sha256 = (value: unknown) => `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

describe("an archive in Docker's layout", () => {
  const config = { ...amd64, rootfs: {} };

  test('tells IDs, names and platforms', async () => {
    const contents = await contentsOf({
      'layer.tar': 'not JSON',
      'a.json': config,
      'manifest.json': [
        { Config: 'a.json', RepoTags: ['app:1', 'example.com/app:1'], Layers: ['layer.tar'] },
        { Config: 'a.json', RepoTags: null, Layers: ['layer.tar'] },
      ],
    });
    const common = { id: sha256(config), platform: 'linux/amd64', missing: [] };
    expect(imagesOf(contents, 'linux/amd64', 'x.tar')).toEqual([
      { ...common, label: 'docker.io/library/app:1', names: ['docker.io/library/app:1', 'example.com/app:1'] },
      { ...common, label: 'x.tar', names: [] },
    ]);
  });

  test('tells which layers are missing', async () => {
    const manifest = [{ Config: 'a.json', RepoTags: ['app:1'], Layers: ['gone.tar'] }];
    const contents = await contentsOf({ 'a.json': config, 'manifest.json': manifest });
    expect(imagesOf(contents, 'linux/amd64', 'x.tar')).toMatchObject([{ missing: ['gone.tar'] }]);
  });
});

describe('an OCI layout', () => {
  const config = { ...amd64, rootfs: {} };
  const manifest = { config: { digest: sha256(config) }, layers: [{ digest: sha256('layer') }] };
  const index = {
    manifests: [
      { digest: 'sha256:absent', platform: arm64 },
      { digest: 'sha256:attestation', platform: { os: 'unknown', architecture: 'unknown' } },
      { digest: sha256(manifest), platform: amd64 },
    ],
  };
  const path = (value: unknown) => `blobs/${sha256(value).replace(':', '/')}`;
  const layout = (manifests: unknown[], ...blobs: unknown[]) =>
    contentsOf({
      'oci-layout': { imageLayoutVersion: '1.0.0' },
      [`blobs/${sha256('layer').replace(':', '/')}`]: 'a layer',
      ...Object.fromEntries(blobs.map((one) => [path(one), one])),
      'index.json': { manifests },
    });
  const named = (digest: string, name: string) => ({
    digest,
    annotations: { 'org.opencontainers.image.ref.name': name },
  });

  test('tells the image for the platform, whatever is missing for others', async () => {
    const contents = await layout([named(sha256(index), 'localhost/app:1')], index, manifest, config);
    expect(imagesOf(contents, 'linux/amd64', 'x.tar')).toEqual([
      {
        label: 'localhost/app:1',
        names: ['localhost/app:1'],
        id: sha256(config),
        platform: 'linux/amd64',
        missing: [],
      },
    ]);
  });

  test('tells that the platform’s own blobs are missing', async () => {
    const contents = await layout([named(sha256(index), 'localhost/app:1')], index, manifest, config);
    expect(imagesOf(contents, 'linux/arm64', 'x.tar')).toMatchObject([
      { platform: 'linux/arm64', missing: ['sha256:absent'] },
    ]);
  });

  test('falls back to the platform that is there', async () => {
    const contents = await layout([named(sha256(index), 'localhost/app:1')], index, manifest, config);
    expect(imagesOf(contents, 'linux/s390x', 'x.tar')).toMatchObject([{ platform: 'linux/amd64', missing: [] }]);
  });

  test('gives one image with several names once, and no name to a bare tag', async () => {
    const contents = await layout(
      [named(sha256(manifest), 'app:1'), named(sha256(manifest), 'localhost/app:2'), named('sha256:other', 'latest')],
      manifest,
      config,
    );
    expect(imagesOf(contents, 'linux/amd64', 'x.tar')).toMatchObject([
      { names: ['docker.io/library/app:1', 'localhost/app:2'], platform: 'linux/amd64' },
      { names: [], label: 'x.tar' },
    ]);
  });

  test('is what containerd reads where both layouts are there', async () => {
    const contents = await contentsOf({
      'oci-layout': { imageLayoutVersion: '1.0.0' },
      [path(manifest)]: manifest,
      [path(config)]: config,
      'index.json': { manifests: [named(sha256(manifest), 'localhost/oci:1')] },
      'manifest.json': [{ Config: 'c', RepoTags: ['docker:1'], Layers: [] }],
    });
    expect(imagesOf(contents, 'linux/amd64', 'x.tar')).toMatchObject([{ names: ['localhost/oci:1'] }]);
  });
});

test('any other tar is refused', async () => {
  const contents = await contentsOf({ './etc/passwd': 'root' });
  expect(() => imagesOf(contents, 'linux/amd64', 'x.tar')).toThrow('x.tar is not an image archive');
});

test('names are the same with and without ./ before them', async () => {
  const contents = await contentsOf({ './manifest.json': [], './a.tar': 'x' });
  expect([...contents.names]).toEqual(['manifest.json', 'a.tar']);
  expect(imagesOf(contents, 'linux/amd64', 'x.tar')).toEqual([]);
});
