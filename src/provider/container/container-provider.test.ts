import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostAllowances } from '../provider.ts';
import { ContainerProvider } from './container-provider.ts';
import { podman } from './engine.ts';

let dir: string;
/** An engine that keeps what it is asked for, and answers with what lies in files. */
let provider: ContainerProvider;
const removed = async () =>
  (await readFile(join(dir, 'asked'), 'utf8'))
    .split('\n')
    .filter((line) => /^(rm|volume rm) /.test(line))
    .map((line) => line.replaceAll(/ --(time 0|\S+)/g, ''));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-provider-'));
  vi.stubEnv('XDG_RUNTIME_DIR', dir);
  const command = join(dir, 'engine');
  await writeFile(command, `#!/bin/sh\necho "$*" >>${dir}/asked\n[ ! -e ${dir}/$1 ] || cat ${dir}/$1\n`);
  await chmod(command, 0o755);
  await writeFile(join(dir, 'volume'), JSON.stringify([{ Name: 'kinds', Labels: { 'io.x-k8s.kind.cluster': 'c' } }]));
  provider = new ContainerProvider({ engine: { ...podman, command }, host: {} as HostAllowances });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

describe('a cluster is deleted', () => {
  const nodes = (creations: Record<string, string>) =>
    writeFile(
      join(dir, 'ps'),
      JSON.stringify(
        Object.entries(creations).map(([name, creation]) => ({
          Names: [name],
          State: 'running',
          Labels: { 'io.x-k8s.kind.cluster': 'c', 'dev.kinpod.creation': creation },
        })),
      ),
    );

  test('whole, whoever made its nodes', async () => {
    await nodes({ 'c-control-plane': 'one', 'c-worker': 'other' });
    expect(await provider.deleteCluster('c')).toEqual(['c-control-plane', 'c-worker']);
    expect(await removed()).toEqual(['rm c-control-plane c-worker', 'volume rm kinds']);
  });

  test('as far as one create has made it, where another one has made nodes under its name', async () => {
    await nodes({ 'c-control-plane': 'one', 'c-worker': 'other' });
    expect(await provider.deleteCluster('c', 'other')).toEqual(['c-worker']);
    expect(await removed()).toEqual(['rm c-worker']);
    expect(await provider.deleteCluster('c', 'none')).toEqual([]);
    expect(await removed()).toEqual(['rm c-worker']);
  });

  test('whole by the create that has made all of it', async () => {
    await nodes({ 'c-control-plane': 'one' });
    expect(await provider.deleteCluster('c', 'one')).toEqual(['c-control-plane']);
    expect(await removed()).toEqual(['rm c-control-plane', 'volume rm kinds']);
  });
});
