import { expect, test } from 'vitest';
import { Remembered } from './remembered.ts';

test('what is asked for at once and later is found out once', async () => {
  const known = new Remembered<number>();
  let looks = 0;
  const find = async () => ++looks;
  expect(await Promise.all([known.get('a', find), known.get('a', find)])).toEqual([1, 1]);
  expect(await known.get('a', find)).toBe(1);
  expect(await known.get('b', find)).toBe(2);
});

test('a failure is told to all who waited, and not to the next', async () => {
  const known = new Remembered<number>();
  const fail = async () => {
    throw new Error('no answer');
  };
  const both = [known.get('a', fail), known.get('a', fail)];
  for (const one of both) await expect(one).rejects.toThrow('no answer');
  expect(await known.get('a', async () => 2)).toBe(2);
});

test('what has taken the place of a failure stays', async () => {
  const known = new Remembered<number>();
  const failing = known.get('a', async () => {
    throw new Error('no answer');
  });
  known.set('a', Promise.resolve(3));
  await expect(failing).rejects.toThrow('no answer');
  expect(await known.get('a', async () => 4)).toBe(3);
});
