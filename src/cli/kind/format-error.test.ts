import { expect, test } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';
import { formatErrorAsKind } from './format-error.ts';

test('kind’s words are printed where the error has them, else its own; never the advice', () => {
  const options = { code: 'x', hint: 'try this', details: 'why' };
  expect(formatErrorAsKind(new KinpodError('ours', options), false)).toBe('ERROR: ours\n');
  expect(formatErrorAsKind(new KinpodError('ours', { ...options, kindMessage: 'theirs' }), true)).toBe(
    '\x1b[31mERROR\x1b[0m: theirs\n',
  );
});

test('a message that ends its line itself gets no other end', () => {
  const error = new KinpodError('unknown\n\nDid you mean this?\n\tget\n', { code: 'usage' });
  expect(formatErrorAsKind(error, false)).toBe('ERROR: unknown\n\nDid you mean this?\n\tget\n');
});

test('what a failed program printed follows, as kind shows it', () => {
  const cause = new CommandError("podman pull 'no image'", 125, 'Error: invalid reference format', '', undefined);
  const kindMessage = `failed to pull image "no image": ${cause.kindMessage}`;
  expect(formatErrorAsKind(new KinpodError('cannot be pulled', { code: 'x', cause, kindMessage }), false)).toBe(
    'ERROR: failed to pull image "no image": command "podman pull \'no image\'" failed with error: exit status 125\n' +
      '\nCommand Output: Error: invalid reference format\n',
  );
});
