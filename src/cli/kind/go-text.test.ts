import { expect, test } from 'vitest';
import { goBoolean, goInt32 } from './go-text.ts';

test.each([
  ['7', 7],
  ['-1', -1],
  ['+3', 3],
  ['0x10', 16],
  ['0b11', 3],
  ['017', 15],
  ['0o17', 15],
  ['2147483647', 2_147_483_647],
])('"%s" is %d', (text, value) => {
  expect(goInt32(text)).toBe(value);
});

test.each([
  ['', 'strconv.ParseInt: parsing "": invalid syntax'],
  ['1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
  ['2147483648', 'strconv.ParseInt: parsing "2147483648": value out of range'],
])('"%s" is refused in the words of Go', (text, message) => {
  expect(() => goInt32(text)).toThrow(message);
});

test('booleans are Go’s', () => {
  expect(['1', 't', 'TRUE', 'True'].map(goBoolean)).toEqual([true, true, true, true]);
  expect(['0', 'f', 'false'].map(goBoolean)).toEqual([false, false, false]);
  expect(() => goBoolean('yes')).toThrow('strconv.ParseBool: parsing "yes": invalid syntax');
});
