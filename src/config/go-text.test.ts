import { expect, it } from 'vitest';
import { goAggregate, goQuote } from './go-text.ts';

it.each([
  ['a', '"a"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\n\t\x07\x01\x7f', '"\\n\\t\\a\\x01\\x7f"'],
  ['é🧀', '"é🧀"'],
  ['\u00a0\u2028\ufeff', '"\\u00a0\\u2028\\ufeff"'],
])('%j is quoted as Go does', (text, expected) => {
  expect(goQuote(text)).toBe(expected);
});

it.each([
  [['a'], 'a'],
  [['a', 'a'], 'a'],
  [['a', 'b', 'a'], '[a, b]'],
])('errors are put together as kind does: %j', (errors, expected) => {
  expect(goAggregate(errors)).toBe(expected);
});
