import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['0', 0],
  ['0s', 0],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['2h45m', 9_900_000],
  ['300ms', 300],
  ['-5m', -300_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', '-', '5 m', 'm', '5x', '1m30', '5m!', 's5'])(
  '"%s" is refused with an example of what is right',
  (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('5m') }),
    );
  },
);

// The texts of Go 1.26's time.ParseDuration.
test.each([
  ['', 'time: invalid duration ""'],
  ['soon', 'time: invalid duration "soon"'],
  ['5', 'time: missing unit in duration "5"'],
  ['1m30', 'time: missing unit in duration "1m30"'],
  ['5x', 'time: unknown unit "x" in duration "5x"'],
  ['9999999h', 'time: invalid duration "9999999h"'],
])('of "%s" kind says: %s', (text, kindMessage) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ kindMessage }));
});
