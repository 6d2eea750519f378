import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NetworkLinks } from './network-links.ts';

let dir: string;
/** An engine that keeps what it is asked for, and does it. */
let engine: string;
let networks: string[];
const links = () =>
  new NetworkLinks(engine, join(dir, 'links'), async () => ({ id: 'me', image: 'i', networks: [...networks] }));
const asked = async () => (await readFile(join(dir, 'asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-links-'));
  engine = join(dir, 'engine');
  networks = ['podman'];
  await writeFile(engine, `#!/bin/sh\necho "$@" >>${dir}/asked\n`);
  await chmod(engine, 0o755);
});
afterEach(() => rm(dir, { recursive: true }));

test('a container is connected for its first cluster, and until the last one is gone', async () => {
  await links().use('kind', 'a');
  networks.push('kind');
  await links().use('kind', 'b');
  await links().prune(async () => ['b']);
  await links().prune(async () => ['b', 'never reached from here']);
  expect(await asked()).toEqual(['network connect kind me']);
  await links().prune(async () => []);
  expect(await asked()).toEqual(['network connect kind me', 'network disconnect kind me']);
});

test('what was connected by somebody else stays so', async () => {
  networks.push('kind');
  await links().use('kind', 'a');
  await links().prune(async () => []);
  expect(await asked()).toEqual([]);
});

test('a container that the engine does not know is left alone', async () => {
  await new NetworkLinks(engine, join(dir, 'links'), async () => undefined).use('kind', 'a');
  expect(await asked()).toEqual([]);
});

test('one that cannot be connected is told why and what to do, and nothing of it stays', async () => {
  await writeFile(engine, '#!/bin/sh\necho "Error: \\"slirp4netns\\" is not supported" >&2\nexit 125\n');
  await expect(links().use('kind', 'a')).rejects.toMatchObject({
    code: 'not-connected',
    details: expect.stringContaining('network connect kind me: Error: "slirp4netns" is not supported'),
    hint: expect.stringContaining('--network=kind'),
  });
  networks.push('kind');
  await links().use('kind', 'a');
  await links().prune(async () => []);
  expect(await asked()).toEqual([]);
});

test('a cluster that is reached while the last other one is forgotten gets a link of its own', async () => {
  // An engine that remembers.
  const script = `echo "$@" >>${dir}/asked; case $2 in connect) touch ${dir}/on;; disconnect) sleep 0.2; rm ${dir}/on;; esac`;
  await writeFile(engine, `#!/bin/sh\n${script}\n`);
  const isOn = () =>
    stat(join(dir, 'on')).then(
      () => true,
      () => false,
    );
  const remembering = () =>
    new NetworkLinks(engine, join(dir, 'links'), async () => ({
      id: 'me',
      image: 'i',
      networks: (await isOn()) ? ['kind'] : [],
    }));
  await remembering().use('kind', 'a');
  let reached: Promise<void> | undefined;
  await remembering().prune(async () => {
    reached = remembering().use('kind', 'b');
    return [];
  });
  await reached;
  expect(await isOn()).toBe(true);
  await remembering().prune(async () => ['b']);
  expect(await isOn()).toBe(true);
});

test('nobody else may write to what is kept, whatever the umask', async () => {
  const before = process.umask(0o002);
  try {
    await links().use('kind', 'a');
  } finally {
    process.umask(before);
  }
  expect((await stat(join(dir, 'links'))).mode & 0o777).toBe(0o700);
});
