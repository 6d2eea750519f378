import { expect, test } from 'vitest';
import { CommandError } from '../../exec/run.ts';
import { engineUnreachable } from './unreachable.ts';

const podmanSays = (why: string) => `Cannot connect to Podman. Please verify your connection …
Error: unable to connect to Podman socket: Get "http://d/v5.4.2/libpod/_ping": dial unix /run/podman/podman.sock: connect: ${why}: unix:///run/podman/podman.sock`;

test.each<['podman' | 'docker', string, string, string]>([
  [
    'podman',
    podmanSays('no such file or directory'),
    'there is no socket /run/podman/podman.sock',
    '--volume /run/podman/podman.sock:/run/podman/podman.sock',
  ],
  ['podman', podmanSays('connection refused'), 'nothing listens at /run/podman/podman.sock', 'podman.socket'],
  ['podman', podmanSays('permission denied'), 'may not be used by', 'label=disable'],
  [
    'podman',
    'Error: unable to connect to Podman socket: server API version is too old. Client "4.0.0" server "3.4.4"',
    "it is Podman 3.4.4, and this container's program asks for 4.0.0 or newer",
    'install Podman 4',
  ],
  [
    'docker',
    'Error response from daemon: client version 1.45 is too old. Minimum supported API version is 1.52, please upgrade',
    "version 1.52 of its API, and this container's docker version 1.45",
    'DOCKER_API_VERSION',
  ],
  [
    'docker',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'nobody answers at /var/run/docker.sock',
    '--volume /var/run/docker.sock:/var/run/docker.sock',
  ],
  [
    'docker',
    'Cannot connect to the Docker daemon at tcp://docker:2375. Is the docker daemon running?',
    'nobody answers at tcp://docker:2375',
    'correct DOCKER_HOST',
  ],
  [
    'docker',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.45/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    "/var/run/docker.sock may not be used by this container's user",
    'as root',
  ],
])('%#: an engine that does not answer is told with what to do', (engine, stderr, why, todo) => {
  const failure = new CommandError(`${engine} ps`, 125, stderr, stderr, undefined);
  expect(engineUnreachable(failure)).toMatchObject({
    code: 'engine-unreachable',
    message: expect.stringContaining(why),
    hint: expect.stringContaining(todo),
    kindMessage: `command "${engine} ps" failed with error: exit status 125`,
  });
});

test('any other failure stays what it is', () => {
  expect(engineUnreachable(new CommandError('podman ps', 125, '', 'Error: no such container', undefined))).toBe(
    undefined,
  );
});
