import { expect, test } from 'vitest';
import { type Found, inContainer, podmanEndpoint } from './mounted-socket.ts';

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

test.each<[string, NodeJS.ProcessEnv, Record<string, Found>, boolean]>([
  ['a machine', {}, {}, false],
  ['a container of Podman', {}, { '/run/.containerenv': 'other' }, true],
  ['a container of Docker', {}, { '/.dockerenv': 'other' }, true],
  ['a Pod', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, {}, true],
  ['a container of the pod image, without a mark of its engine', pod, {}, true],
])('%s is told from a container', async (_, env, files, expected) => {
  expect(await inContainer(env, async (path) => files[path])).toBe(expected);
});
