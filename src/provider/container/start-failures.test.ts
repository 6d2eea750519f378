import { expect, test } from 'vitest';
import { CommandError } from '../../exec/run.ts';
import { nameInUse, noFixedAddress, portInUse } from './start-failures.ts';

test.each([
  [
    'Podman 4',
    'Error: unable to start container "x": cannot listen on the TCP port: listen tcp4 127.0.0.1:8080: bind: address already in use',
    '127.0.0.1:8080',
  ],
  [
    'Docker 20, of a program',
    'Error response from daemon: driver failed programming external connectivity on endpoint x (f734): Error starting userland proxy: listen tcp4 127.0.0.1:2222: bind: address already in use',
    '127.0.0.1:2222',
  ],
  [
    'Docker 20, of a container',
    'Error response from daemon: driver failed programming external connectivity on endpoint x (10f8): Bind for 127.0.0.1:2222 failed: port is already allocated',
    '127.0.0.1:2222',
  ],
  [
    'Docker 28',
    'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint x (10f8): failed to bind host port 127.0.0.1:2222/tcp: address already in use',
    '127.0.0.1:2222',
  ],
])('%s says that a port is in use', (_, stderr, address) => {
  expect(portInUse(new CommandError('start x', 1, stderr, stderr, undefined))?.message).toMatch(
    new RegExp(`in use: ${address}$`),
  );
});

test('another complaint is none of a port', () => {
  expect(portInUse(new CommandError('start x', 1, '', 'no such container', undefined))).toBeUndefined();
});

test.each([
  [
    'Podman',
    'Error: creating container storage: the container name "kind-worker" is already in use by 6ad1. You have to remove that container to be able to reuse that name: that name is already in use',
  ],
  [
    'Docker',
    'docker: Error response from daemon: Conflict. The container name "/kind-worker" is already in use by container "6ad1". You have to remove (or rename) that container to be able to reuse that name.',
  ],
])('%s says that a name is taken', (_, stderr) => {
  expect(nameInUse(new CommandError('run x', 125, stderr, stderr, undefined))).toMatchObject({
    code: 'name-in-use',
    message: 'there is a container "kind-worker" already',
  });
});

test('a port that is in use is no name', () => {
  const stderr = 'listen tcp4 127.0.0.1:8080: bind: address already in use';
  expect(nameInUse(new CommandError('run x', 125, '', stderr, undefined))).toBeUndefined();
});

test('a network without fixed addresses is named', () => {
  const stderr =
    'Error response from daemon: user specified IP address is supported only when connecting to networks with user configured subnets.';
  expect(noFixedAddress(new CommandError('run x', 125, stderr, stderr, undefined), 'mine')).toMatchObject({
    code: 'network-unusable',
    message: expect.stringContaining('"mine"'),
  });
  expect(noFixedAddress(new CommandError('run x', 125, '', 'no such image', undefined), 'mine')).toBeUndefined();
});
