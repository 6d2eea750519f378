import { spawn } from 'node:child_process';
import { afterAll, beforeAll } from 'vitest';
import { run } from '../../src/exec/run.ts';
import { TestDocker } from './docker-daemon.ts';
import { NODE_IMAGE } from './global-setup.ts';

/** A daemon with the node image, there while a file's tests run; programs that the tests start use it. */
export function useDocker(): TestDocker {
  const docker = new TestDocker();
  const before = { DOCKER_HOST: process.env.DOCKER_HOST, PATH: process.env.PATH };
  beforeAll(async () => {
    await docker.start();
    Object.assign(process.env, docker.env);
    await haveNodeImage(docker);
  });
  afterAll(async () => {
    await docker.stop();
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  return docker;
}

/** The node image of the other tests, brought over from Podman's store. */
async function haveNodeImage(docker: TestDocker): Promise<void> {
  const { stdout: wanted } = await run('podman', ['image', 'inspect', '--format', '{{.Id}}', NODE_IMAGE]);
  const here = await docker.lines('images', '--quiet', '--no-trunc', NODE_IMAGE);
  if (here.some((id) => id.includes(wanted))) return;
  const save = spawn('podman', ['save', '--format=docker-archive', NODE_IMAGE], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await docker.docker(['load', '--quiet'], { input: save.stdout, timeoutMs: 300_000 });
}
