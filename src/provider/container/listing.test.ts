import { expect, test } from 'vitest';
import { type Labels, labelsOf, parseList } from './listing.ts';

test.each([
  ['', []],
  ['[]', []],
  ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
  ['{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
])('the list %j is read', (text, expected) => {
  expect(parseList(text)).toEqual(expected);
});

test.each<[Labels, Record<string, string>]>([
  [null, {}],
  ['', {}],
  [{ a: '1' }, { a: '1' }],
  [['a=1', 'b=x=y'], { a: '1', b: 'x=y' }],
  ['a=1,b=', { a: '1', b: '' }],
  ['a=1,2,b=x', { a: '1,2', b: 'x' }],
])('labels %j are read', (labels, expected) => {
  expect(labelsOf(labels)).toEqual(expected);
});
