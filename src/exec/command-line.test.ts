import { expect, test } from 'vitest';
import { commandLine, withoutScripts } from './command-line.ts';

test.each([
  [['a', '--b=c', '/d:e'], 'x a --b=c /d:e'],
  [['', 'two words'], "x '' 'two words'"],
  [["it's"], `x 'it'"'"'s'`],
])('a command line can be pasted into a shell: %j', (args, expected) => {
  expect(commandLine('x', args)).toBe(expected);
});

test('a script is shown by its first line', () => {
  expect(withoutScripts(['-c', '# What it does\nset -eu\n', 'one line\n'])).toEqual([
    '-c',
    '# What it does ...',
    'one line\n',
  ]);
});
