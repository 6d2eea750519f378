import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findImage, IMAGE_STORES, type ImageStore, localImage, storesFor } from './image-store.ts';

const [docker, podman] = IMAGE_STORES as [ImageStore, ImageStore];
const hex = 'a'.repeat(64);

test("the provider's own store comes first", () => {
  expect(storesFor('podman').map((one) => one.name)).toEqual(['podman', 'docker']);
  expect(storesFor('docker').map((one) => one.name)).toEqual(['docker', 'podman']);
});

describe('what an engine has', () => {
  test('by a short name of Podman’s is wanted under both names', () => {
    const inspected = { Id: hex, RepoTags: ['localhost/app:1'], Os: 'linux', Architecture: 'amd64', Size: 5 };
    expect(localImage('app:1', podman, inspected)).toEqual({
      label: 'app:1',
      store: podman,
      references: ['localhost/app:1'],
      id: `sha256:${hex}`,
      names: ['localhost/app:1', 'docker.io/library/app:1'],
      platform: 'linux/amd64',
      bytes: 5,
    });
  });

  test('by a name of Docker’s is wanted under its full name', () => {
    const found = localImage('app', docker, { Id: `sha256:${hex}`, RepoTags: ['app:latest', 'app:1'] });
    expect(found).toMatchObject({ references: ['app:latest'], names: ['docker.io/library/app:latest'] });
  });

  test('by an ID is wanted under all its names', () => {
    const found = localImage(hex.slice(0, 12), podman, { Id: hex, RepoTags: ['localhost/app:1', 'localhost/app:2'] });
    const names = ['localhost/app:1', 'localhost/app:2'];
    expect(found).toMatchObject({ references: names, names });
  });

  test('without a name is wanted by its ID', () => {
    const found = localImage(`sha256:${hex}`, docker, { Id: `sha256:${hex}`, RepoTags: null });
    expect(found).toMatchObject({ references: [hex], names: [] });
  });

  test('by a digest is wanted under that digest', () => {
    const found = localImage('app@sha256:0b', docker, { Id: `sha256:${hex}`, RepoTags: [] });
    expect(found).toMatchObject({ references: [hex], names: ['docker.io/library/app@sha256:0b'] });
  });
});

describe('looking for an image', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kinpod-store-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** A program that answers as an engine would. */
  async function engine(name: string, script: string): Promise<ImageStore> {
    const command = join(dir, name);
    await writeFile(command, `#!/bin/sh\n${script}\n`);
    await chmod(command, 0o755);
    return { ...podman, name, command };
  }

  test('goes on to the next engine, and tells every reason where none has it', async () => {
    const without = await engine('without', 'echo "no such image" >&2; exit 1');
    const having = await engine('having', `echo '[{"Id":"${hex}","RepoTags":["localhost/app:1"]}]'`);
    const missing = { ...podman, name: 'missing', command: join(dir, 'missing') };
    expect(await findImage('app:1', [missing, without, having])).toMatchObject({ store: { name: 'having' } });
    await expect(findImage('app:1', [missing, without])).rejects.toMatchObject({
      message: 'image: "app:1" not present locally',
      details: 'missing: not installed\nwithout: no such image',
    });
  });
});
