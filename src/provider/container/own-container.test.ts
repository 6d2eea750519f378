import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { containerIdIn, containerIdOf, ownContainer } from './own-container.ts';

const id = '6336af7623c49bd21c9d4f3db1c2a2d4f5a4e3b2c1d0f9e8d7c6b5a4f3e2d1c0';
const mount = (root: string, at: string) => `36 35 254:0 ${root} ${at} rw,relatime - ext4 /dev/vda rw`;

test.each<[string, string, string | undefined]>([
  ['Podman’s', mount(`/run/containers/storage/overlay-containers/${id}/userdata/hosts`, '/etc/hosts'), id],
  [
    'Podman’s where its run directory is a file system',
    mount(`/storage/overlay-containers/${id}/userdata/resolv.conf`, '/etc/resolv.conf'),
    id,
  ],
  ['Docker’s', mount(`/var/lib/docker/containers/${id}/hostname`, '/etc/hostname'), id],
  ['a Pod’s of the kubelet', mount('/var/lib/kubelet/pods/4e2b/etc-hosts', '/etc/hosts'), undefined],
  ['nobody’s', mount('/', '/'), undefined],
])('a container is known by the file that is mounted over /etc/hosts: %s', (_, mountinfo, expected) => {
  expect(containerIdIn(`${mount('/', '/')}\n${mountinfo}\n`)).toBe(expected);
});

test.each([
  ['6336af7623c4', '6336af7623c4'],
  ['kind-control-plane', undefined],
  ['beef', undefined],
  ['6336af7623c4-0', undefined],
])('the host name %s is that of an engine’s making, or tells nothing', (hostName, expected) => {
  expect(containerIdOf(hostName)).toBe(expected);
});

describe('a container asks an engine for itself', () => {
  /** @param script what the engine's program does */
  async function engineThat(script: string): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'kinpod-own-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const path = join(dir, 'engine');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const engineThatHas = (Id: string) =>
    engineThat(`echo '${JSON.stringify([{ Id, Image: 'i', NetworkSettings: { Networks: { kind: {} } } }])}'`);
  const own = Promise.resolve(id.slice(0, 12));

  test('and is told', async () => {
    expect(await ownContainer(await engineThatHas(id), own)).toEqual({ id, image: 'i', networks: ['kind'] });
  });

  test('but is not another one that is only called so', async () => {
    expect(await ownContainer(await engineThatHas(`f${id.slice(1)}`), own)).toBeUndefined();
  });

  test('not where nothing tells what its ID is', async () => {
    expect(await ownContainer(await engineThatHas(id), Promise.resolve(undefined))).toBeUndefined();
  });

  test.each([
    `Error: inspecting object: no such container ${id}`,
    `Error response from daemon: No such container: ${id}`,
    `Error: no such object: "${id}"`,
  ])('and is not the engine’s: %s', async (stderr) => {
    expect(await ownContainer(await engineThat(`echo '${stderr}' >&2; exit 125`), own)).toBeUndefined();
  });

  test('and is told why there is no answer', async () => {
    const refused = 'dial unix /run/podman/podman.sock: connect: no such file or directory';
    await expect(ownContainer(await engineThat(`echo '${refused}' >&2; exit 125`), own)).rejects.toMatchObject({
      code: 'engine-unreachable',
    });
    await expect(ownContainer(await engineThat('echo broken >&2; exit 125'), own)).rejects.toMatchObject({
      code: 'command-failed',
      details: 'broken',
    });
  });
});
