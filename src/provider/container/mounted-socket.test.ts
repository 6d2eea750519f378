import { expect, test } from 'vitest';
import { type Found, podmanEndpoint } from './mounted-socket.ts';

const pod = { KINPOD_IN_POD: '1' };

test.each<[string, NodeJS.ProcessEnv, Record<string, Found>, string | undefined]>([
  ['itself, on a machine', {}, { '/run/podman/podman.sock': 'socket' }, undefined],
  ['what the user names', { CONTAINER_HOST: 'ssh://me@there' }, {}, 'ssh://me@there'],
  ['itself, in a container of the pod image without a socket', pod, {}, undefined],
  ['the socket that is mounted', pod, { '/run/podman/podman.sock': 'socket' }, 'unix:///run/podman/podman.sock'],
  [
    'Podman at Docker’s place',
    pod,
    { '/run/podman/podman.sock': 'directory', '/var/run/docker.sock': 'socket' },
    'unix:///var/run/docker.sock',
  ],
  [
    'Podman at Docker’s variable',
    { ...pod, DOCKER_HOST: 'unix:///x.sock' },
    { '/var/run/docker.sock': 'socket' },
    'unix:///x.sock',
  ],
  ['itself, where the mount made directories', pod, { '/run/podman/podman.sock': 'directory' }, undefined],
])('Podman’s program asks %s', async (_, env, files, expected) => {
  expect(await podmanEndpoint(env, async (path) => files[path])).toBe(expected);
});
