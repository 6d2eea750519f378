import { expect, test } from 'vitest';
import { asksForQuiet } from './quiet.ts';

test.each([
  ['', false],
  ['-q foo', true],
  ['foo -q', true],
  ['foo --quiet', true],
  ['--quiet=false', false],
  ['--quiet=maybe -q', false],
  ['-vq get clusters', true],
  ['create cluster --name -q', true],
  ['create cluster -n=x -q', true],
  ['-h -q', false],
  ['-- -q', false],
])('kind %s: quiet is %s', (line, quiet) => {
  expect(asksForQuiet(line.split(' '))).toBe(quiet);
});
