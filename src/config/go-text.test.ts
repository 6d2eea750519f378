import { expect, it } from 'vitest';
import { goAggregate } from './go-text.ts';

it.each([
  [['a'], 'a'],
  [['a', 'a'], 'a'],
  [['a', 'b', 'a'], '[a, b]'],
])('errors are put together as kind does: %j', (errors, expected) => {
  expect(goAggregate(errors)).toBe(expected);
});
