import { expect, test } from 'vitest';
import { median, ratio, table } from './statistics.ts';

const HEADS = { ours: 'kinpod', theirs: 'kind 0.33.0' };

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('nothing has no median', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('the ratio is that of the medians, so that one slow run does not decide', () => {
  expect(ratio({ ours: [1, 2, 90], theirs: [10, 10, 11] })).toBeCloseTo(0.2);
});

test('the table shows medians with their range', () => {
  expect(table([{ title: 'node Ready', unit: 's', ours: [5, 6, 7], theirs: [30, 31, 320] }], HEADS)).toBe(
    [
      '|            | kinpod          | kind 0.33.0       | ratio |',
      '|------------|-----------------|-------------------|-------|',
      '| node Ready | 6.0 s (5.0–7.0) | 31.0 s (30.0–320) | 0.19× |',
    ].join('\n'),
  );
});

test('CRI-O, where it is measured, has columns of its own, beside the same kind', () => {
  expect(table([{ title: 'node Ready', unit: 's', ours: [6], theirs: [30], crio: [9] }], HEADS)).toBe(
    [
      '|            | kinpod | kind 0.33.0 | ratio | kinpod with CRI-O | ratio |',
      '|------------|--------|-------------|-------|-------------------|-------|',
      '| node Ready | 6.0 s  | 30.0 s      | 0.20× | 9.0 s             | 0.30× |',
    ].join('\n'),
  );
});

test('what only one of them was measured for has no ratio', () => {
  const row = { title: 'delete', unit: 's', ours: [1], theirs: [] };
  expect(ratio(row)).toBeUndefined();
  expect(table([row], HEADS)).toContain('| delete | 1.0 s  | -           | -     |');
});
