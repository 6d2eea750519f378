import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll } from 'vitest';
import { ping } from '../../src/provider/container/surroundings.ts';
import type { TestHome } from './cluster.ts';
import { eventually } from './eventually.ts';

/** The API of this machine's Podman, at a socket in the directory of a test file while its tests run. */
export function usePodmanService(home: TestHome): { socket(): string } {
  const socket = () => home.path('podman.sock');
  let service: ChildProcess | undefined;
  beforeAll(async () => {
    service = spawn('podman', ['system', 'service', '--time=0', `unix://${socket()}`], { stdio: 'ignore' });
    await eventually(async () => 'server' in (await ping(socket())), { withinMs: 30_000, what: 'Podman’s service' });
  });
  afterAll(async () => {
    if (!service || service.exitCode !== null) return;
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    await ended;
  });
  return { socket };
}
