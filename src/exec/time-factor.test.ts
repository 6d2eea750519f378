import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { scaled, timeFactor, withTimeFactor } from './time-factor.ts';

describe('time limits', () => {
  test.each([
    [{}, 20_000],
    [{ KINPOD_TIMEOUT_FACTOR: '' }, 20_000],
    [{ KINPOD_TIMEOUT_FACTOR: '2.5' }, 50_000],
    [{ KIND_TIMEOUT_FACTOR: '0.5' }, 10_000],
    [{ KINPOD_TIMEOUT_FACTOR: '1e9' }, 2_147_483_647],
  ])('with %j, 20 s are %d ms', (env, ms) => {
    expect(scaled(20_000, env)).toBe(ms);
  });

  test('what is done with a factor of its own follows it to the end, and nothing else does', async () => {
    const env = { KINPOD_TIMEOUT_FACTOR: '2' };
    const inside = withTimeFactor(3, async () => {
      await later();
      return scaled(1_000, env);
    });
    expect(scaled(1_000, env)).toBe(2_000);
    expect(await inside).toBe(3_000);
  });

  test.each(['slow', '0', '-1', 'Infinity'])('a factor of %j is refused in words', (text) => {
    expect(() => timeFactor({ KINPOD_TIMEOUT_FACTOR: text })).toThrow(`KINPOD_TIMEOUT_FACTOR is "${text}"`);
  });
});
