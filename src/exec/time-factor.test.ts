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

  test('a factor that is given goes before the environment’s', () => {
    const env = { KINPOD_TIMEOUT_FACTOR: '2', PATH: '/bin' };
    expect(scaled(20_000, withTimeFactor(env, 3))).toBe(60_000);
    expect(scaled(20_000, withTimeFactor(env, undefined))).toBe(40_000);
    expect(withTimeFactor(env, 3).PATH).toBe('/bin');
  });

  test.each(['slow', '0', '-1', 'Infinity'])('a factor of %j is refused in words', (text) => {
    expect(() => timeFactor({ KINPOD_TIMEOUT_FACTOR: text })).toThrow(`KINPOD_TIMEOUT_FACTOR is "${text}"`);
  });
});
