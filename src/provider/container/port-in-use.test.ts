import { expect, test } from 'vitest';
import { CommandError } from '../../exec/run.ts';
import { portInUse } from './port-in-use.ts';

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
