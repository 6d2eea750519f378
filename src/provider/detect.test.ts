import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Found } from './container/mounted-socket.ts';
import type { Pong, Surroundings } from './container/surroundings.ts';
import { chooseEngine } from './detect.ts';

const DOCKER: Pong = { server: 'Docker/28.2.2 (linux)', apiVersion: '1.50' };
const LIBPOD: Pong = { server: 'Libpod/4.3.1 (linux)', apiVersion: '1.41' };

interface Machine {
  programs?: string[];
  env?: NodeJS.ProcessEnv;
  files?: Record<string, string>;
  /** What is at a path, besides {@link sockets}. */
  found?: Record<string, Found>;
  /** What answers at a socket. */
  sockets?: Record<string, Pong>;
  complaint?: string;
}

function machine({
  programs = ['docker', 'podman'],
  env = {},
  files = {},
  found = {},
  sockets = {},
  complaint,
}: Machine = {}): Surroundings {
  return {
    env,
    home: '/home/me',
    onPath: async (program) => programs.includes(program),
    readFile: async (path) => files[path],
    whatIsAt: async (path) => found[path] ?? (path in sockets ? 'socket' : undefined),
    ping: async (socket) => sockets[socket] ?? { failure: 'ENOENT' },
    ask: async () => complaint,
  };
}
const SOCKET = '/var/run/docker.sock';
const chosen = async (description: Machine, requested?: string) => {
  const { engine, named, refused } = await chooseEngine(requested, machine(description));
  return { name: engine.name, named, refused: refused.map((one) => one.reason) };
};

describe('the first engine that can be used', () => {
  test('is Docker where its daemon answers', async () => {
    expect(await chosen({ sockets: { [SOCKET]: DOCKER } })).toEqual({ name: 'docker', named: false, refused: [] });
  });

  test.each<[string, Machine, string]>([
    ['has no docker', { programs: ['podman'] }, 'not installed: there is no docker on the PATH'],
    ['has only the CLI', {}, `the daemon does not answer at unix://${SOCKET}: there is no such socket`],
    [
      'has a dead daemon',
      { sockets: { [SOCKET]: { failure: 'ECONNREFUSED' } } },
      `the daemon does not answer at unix://${SOCKET}: nothing listens there`,
    ],
    [
      'keeps it from this user',
      { sockets: { [SOCKET]: { failure: 'EACCES' } } },
      `this user may not use unix://${SOCKET}: sudo usermod -aG docker "$USER", then log in again`,
    ],
    [
      'has a daemon that hangs',
      { sockets: { [SOCKET]: { failure: 'timeout' } } },
      `the daemon does not answer at unix://${SOCKET}: it took the connection and says nothing`,
    ],
    ['calls Podman docker', { sockets: { [SOCKET]: LIBPOD } }, `it is Podman that answers at unix://${SOCKET}`],
    [
      'has an old Docker',
      { sockets: { [SOCKET]: { server: 'Docker/19.03', apiVersion: '1.40' } } },
      `the daemon at unix://${SOCKET} is older than Docker 20.10 (its API is 1.40)`,
    ],
    [
      'has it elsewhere, unreachable',
      { env: { DOCKER_HOST: 'ssh://me@there' }, complaint: 'no route to host' },
      'the daemon does not answer at ssh://me@there: no route to host',
    ],
  ])('is Podman where a machine %s, and why is kept', async (_, description, reason) => {
    expect(await chosen(description)).toEqual({ name: 'podman', named: false, refused: [reason] });
  });

  test('does not exist where there is none: the error has every reason', async () => {
    await expect(chosen({ programs: ['docker'] })).rejects.toMatchObject({
      code: 'engine-missing',
      details: `docker: the daemon does not answer at unix://${SOCKET}: there is no such socket\npodman: not installed: there is no podman on the PATH`,
    });
  });
});

describe("in the pod image, Podman at Docker's place", () => {
  const env = { KINPOD_IN_POD: '1' };
  const podmans = '/run/podman/podman.sock';
  const tcp = { ...env, DOCKER_HOST: 'tcp://docker:2375' };
  const old: Pong = { server: 'Docker/19.03', apiVersion: '1.40' };

  test.each<[string, Machine]>([
    ['where it answers', { env, sockets: { [SOCKET]: LIBPOD } }],
    ['where nobody does, which it tells best', { env, sockets: { [SOCKET]: { failure: 'ECONNREFUSED' } } }],
    ['has a socket of its own', { env, sockets: { [SOCKET]: old, [podmans]: LIBPOD } }],
    ['has an address of its own', { env: { ...env, CONTAINER_HOST: 'tcp://p:1' }, sockets: { [SOCKET]: old } }],
    ['is not there', { env, found: { [SOCKET]: 'directory' } }],
  ])('%s is taken', async (_, description) => {
    expect((await chosen(description)).name).toBe('podman');
  });

  test.each<[string, Machine, string]>([
    ['an old Docker', { env, sockets: { [SOCKET]: old } }, 'is older than Docker 20.10'],
    ['somebody who says nothing', { env, sockets: { [SOCKET]: { failure: 'timeout' } } }, 'says nothing'],
    ['nobody that is reached', { env: tcp, complaint: 'no route to host' }, 'no route to host'],
  ])('is not tried with %s: why Docker is not used is told', async (_, description, reason) => {
    await expect(chosen(description)).rejects.toMatchObject({
      code: 'engine-missing',
      details: expect.stringMatching(new RegExp(`docker: .*${reason}.*\npodman: no Podman answers at `)),
    });
  });
});

describe("Docker's daemon is looked for", () => {
  const meta = (name: string) =>
    `/home/me/.docker/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
  const desktop = JSON.stringify({ Endpoints: { docker: { Host: 'unix:///home/me/.docker/desktop/docker.sock' } } });

  test.each<[string, Machine]>([
    [
      'at DOCKER_HOST',
      { env: { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' }, sockets: { '/run/user/1000/docker.sock': DOCKER } },
    ],
    ['elsewhere, by the CLI', { env: { DOCKER_HOST: 'tcp://192.0.2.1:2376' } }],
    [
      'at the current context',
      {
        files: {
          '/home/me/.docker/config.json': '{"currentContext":"desktop-linux"}',
          [meta('desktop-linux')]: desktop,
        },
        sockets: { '/home/me/.docker/desktop/docker.sock': DOCKER },
      },
    ],
    [
      'at the context of DOCKER_CONTEXT',
      {
        env: { DOCKER_CONTEXT: 'mine' },
        files: { [meta('mine')]: desktop },
        sockets: { '/home/me/.docker/desktop/docker.sock': DOCKER },
      },
    ],
    [
      'at the default socket, whatever is wrong with the files',
      { files: { '/home/me/.docker/config.json': '{' }, sockets: { [SOCKET]: DOCKER } },
    ],
  ])('%s', async (_, description) => {
    expect((await chosen(description)).name).toBe('docker');
  });
});

describe('an engine that the user names', () => {
  test.each<[Machine, string | undefined, string]>([
    [{ programs: [] }, 'docker', 'docker'],
    [{ sockets: { [SOCKET]: DOCKER } }, 'podman', 'podman'],
    [{ env: { KIND_EXPERIMENTAL_PROVIDER: 'docker' } }, undefined, 'docker'],
    [{ env: { KIND_EXPERIMENTAL_PROVIDER: 'docker', KINPOD_EXPERIMENTAL_PROVIDER: 'podman' } }, undefined, 'podman'],
    [{ env: { KIND_EXPERIMENTAL_PROVIDER: 'docker' } }, 'podman', 'podman'],
  ])('on %j by %j is taken as it is', async (description, requested, name) => {
    expect(await chosen(description, requested)).toEqual({ name, named: true, refused: [] });
  });

  test('and that kinpod does not know is an error that names those it knows', async () => {
    await expect(chosen({}, 'nerdctl')).rejects.toMatchObject({
      code: 'unknown-provider',
      hint: 'one of: docker, podman, kubernetes',
    });
  });
});
