import { expect, test } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import { CommandError } from '../exec/run.ts';
import { formatError } from './format-error.ts';

const plain = { color: false, stack: false };

test('what failed, what was seen, why and what to do stand in this order, aligned', () => {
  const error = new KinpodError('failed to create cluster "ci": ci-worker2 did not register within 60s', {
    code: 'timeout',
    details: 'last seen: connection refused (41 times)\nlog: kinpod export logs --name ci\n',
    hint: 'kinpod check --fix\nkinpod create cluster --retain',
    docsUrl: 'https://docs.example/limits',
    cause: new Error('fs.inotify.max_user_instances is 128 and all are in use'),
  });
  expect(formatError(error, plain)).toBe(
    [
      'ERROR: failed to create cluster "ci": ci-worker2 did not register within 60s',
      '  last seen: connection refused (41 times)',
      '  log: kinpod export logs --name ci',
      '  why: fs.inotify.max_user_instances is 128 and all are in use',
      '  do:  kinpod check --fix',
      '       kinpod create cluster --retain',
      '  see: https://docs.example/limits',
      '',
    ].join('\n'),
  );
});

test('the output of a failed command is not lost when another error is thrown for it', () => {
  const cause = new CommandError('podman run x', 125, 'Error: no space left on device', '', undefined);
  const text = formatError(new KinpodError('cannot make node x', { code: 'x', cause }), plain);
  expect(text).toContain('why: command "podman run x" failed with exit code 125');
  expect(text).toContain('Error: no space left on device');
});

test('a reason that the message has already given is not repeated', () => {
  const cause = new Error('port 80 is in use');
  const text = formatError(new KinpodError('cannot start: port 80 is in use', { code: 'x', cause }), plain);
  expect(text).toBe('ERROR: cannot start: port 80 is in use\n');
});

test('output that is among the details is not shown again as the reason', () => {
  const cause = new CommandError('podman pull x', 125, 'Trying to pull x\nError: no such host', '', undefined);
  const text = formatError(new KinpodError('cannot pull', { code: 'x', details: 'Error: no such host', cause }), plain);
  expect(text).toBe(
    'ERROR: cannot pull\n  Error: no such host\n' +
      '  why: command "podman pull x" failed with exit code 125\n       Trying to pull x\n',
  );
});

test('a stack is shown on request, without the message again', () => {
  const text = formatError(new KinpodError('no', { code: 'x' }), { ...plain, stack: true });
  expect(text).toMatch(/^ERROR: no\n {2}at .*format-error\.test\.ts/);
});

test('a bug shows all stacks, causes too', () => {
  const text = formatError(new TypeError('x is not a function', { cause: new RangeError('deep down') }), plain);
  expect(text).toMatch(/^ERROR: x is not a function\n {2}TypeError: x is not a function\n {6}at /);
  expect(text).toContain('caused by: RangeError: deep down');
});

test('color is for terminals', () => {
  expect(formatError(new KinpodError('no', { code: 'x' }), { ...plain, color: true })).toBe(
    '\x1b[31mERROR\x1b[0m: no\n',
  );
});

test('what is thrown without being an error is shown all the same', () => {
  expect(formatError('odd', plain)).toMatch(/^ERROR: odd\n/);
});
