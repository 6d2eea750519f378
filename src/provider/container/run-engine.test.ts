import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { podman } from './engine.ts';
import { runEngine } from './run-engine.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-run-engine-'));
  // In a container.
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

test.each([
  [['ps', '-a'], 'engine-unreachable'],
  [['exec', 'node', 'crictl', 'images'], 'command-failed'],
])('%j: only the engine’s own words are of the engine', async (args, code) => {
  const command = join(dir, 'engine');
  const said = 'dial unix /run/containerd/containerd.sock: connect: no such file or directory';
  await writeFile(command, `#!/bin/sh\necho '${said}' >&2\nexit 1\n`);
  await chmod(command, 0o755);
  await expect(runEngine({ ...podman, command }, args)).rejects.toMatchObject({ code });
});
