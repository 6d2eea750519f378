import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Surroundings } from './surroundings.ts';

/** Where a Docker CLI without settings looks. */
const DEFAULT_ENDPOINT = 'unix:///var/run/docker.sock';

/** API of Docker 20.10, the first whose containers can have a cgroup namespace of their own on cgroup v1. */
const OLDEST_API = 1.41;

/**
 * Why Docker cannot be used, undefined where it can. A CLI alone is not enough: there are machines that have it and no daemon.
 * Asks the daemon's socket itself, which takes a few milliseconds, and no process.
 */
export async function whyNoDocker(look: Surroundings): Promise<string | undefined> {
  if (!(await look.onPath('docker'))) return 'not installed: there is no docker on the PATH';
  const endpoint = await dockerEndpoint(look);
  const socket = socketOf(endpoint);
  if (socket === undefined) {
    const complaint = await look.ask('docker', ['version', '--format', '{{.Server.Version}}']);
    return complaint && `the daemon does not answer at ${endpoint}: ${complaint}`;
  }
  const answer = await look.ping(socket);
  if ('failure' in answer) return WHY[answer.failure]?.(endpoint) ?? `${endpoint}: ${answer.failure}`;
  if (isPodman(answer)) return `it is Podman that answers at ${endpoint}`;
  if (Number(answer.apiVersion) < OLDEST_API) {
    return `the daemon at ${endpoint} is older than Docker 20.10 (its API is ${answer.apiVersion})`;
  }
  return undefined;
}

/**
 * Why Podman's program cannot use what is at an endpoint that is meant for Docker's, where Docker was refused: it talks to Podman
 * alone. What is wrong with a socket at which nobody answers is told, with what to do, when it is used.
 */
export async function whyNoPodmanAt(endpoint: string, look: Surroundings): Promise<string | undefined> {
  const reason = `no Podman answers at ${endpoint}`;
  const socket = socketOf(endpoint);
  if (socket === undefined) return (await whyNoDocker(look)) && reason;
  const answer = await look.ping(socket);
  if ('failure' in answer) return answer.failure === 'timeout' ? reason : undefined;
  return isPodman(answer) ? undefined : reason;
}

function socketOf(endpoint: string): string | undefined {
  return /^unix:\/\/(.+)$/.exec(endpoint)?.[1];
}

function isPodman({ server }: { server: string }): boolean {
  return /^libpod/i.test(server);
}

const WHY: Readonly<Record<string, (endpoint: string) => string>> = {
  ENOENT: (endpoint) => `the daemon does not answer at ${endpoint}: there is no such socket`,
  ECONNREFUSED: (endpoint) => `the daemon does not answer at ${endpoint}: nothing listens there`,
  EACCES: (endpoint) => `this user may not use ${endpoint}: sudo usermod -aG docker "$USER", then log in again`,
  timeout: (endpoint) => `the daemon does not answer at ${endpoint}: it took the connection and says nothing`,
};

/** The address of the daemon as the CLI finds it: DOCKER_HOST, else that of the context, else the default. */
async function dockerEndpoint({ env, home, readFile }: Surroundings): Promise<string> {
  if (env.DOCKER_HOST) return env.DOCKER_HOST;
  const dir = env.DOCKER_CONFIG || join(home, '.docker');
  const context = env.DOCKER_CONTEXT || field(await readFile(join(dir, 'config.json')), 'currentContext');
  if (typeof context !== 'string' || context === '' || context === 'default') return DEFAULT_ENDPOINT;
  // The directory of a context is called by the digest of its name (docker/cli, cli/context/store).
  const digest = createHash('sha256').update(context).digest('hex');
  const endpoints = field(await readFile(join(dir, 'contexts', 'meta', digest, 'meta.json')), 'Endpoints');
  const host = (endpoints as { docker?: { Host?: string } } | undefined)?.docker?.Host;
  return host || DEFAULT_ENDPOINT;
}

function field(json: string | undefined, name: string): unknown {
  try {
    return (JSON.parse(json ?? '{}') as Record<string, unknown>)[name];
  } catch {
    return undefined; // The CLI will say what is wrong with its file.
  }
}
