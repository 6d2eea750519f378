import { describe, expect, it } from 'vitest';
import { parseQuantity } from './quantity.ts';

const NANO = 10n ** 9n;

describe('quantities', () => {
  it.each<[string, bigint]>([
    ['0', 0n],
    ['1', NANO],
    ['+1', NANO],
    ['-1', -NANO],
    ['007', 7n * NANO],
    ['1.5', 1_500_000_000n],
    ['1.', NANO],
    ['.5', 500_000_000n],
    ['250m', 250_000_000n],
    ['0.1u', 100n],
    ['0.1n', 1n],
    ['1.0000000001', NANO + 1n],
    ['-1.0000000001', -NANO - 1n],
    ['1k', 1000n * NANO],
    ['1E', 10n ** 18n * NANO],
    ['1e3', 1000n * NANO],
    ['1E3', 1000n * NANO],
    ['1e-3', 1_000_000n],
    ['1e+3', 1000n * NANO],
    ['1Ki', 1024n * NANO],
    ['1.5Gi', 1536n * 1024n * 1024n * NANO],
    ['2Ei', 2n * 2n ** 60n * NANO],
  ])('%s', (text, nano) => {
    expect(parseQuantity(text)).toEqual({ nano });
  });

  it.each([
    ...['', ' ', '-', '+', '.', 'Gi', 'm', '1 Gi', ' 1', '1\n', '--1', '1.2.3', '1,5', '0x10', '1_000', '१'],
    ...['1K', '1Mb', '1MB', '1gi', '1ki', '1mi', '1e', '1e1.5', '1Gi5', '1ee3', '1kk', '1iG', 'inf', 'NaN', '5 cores'],
  ])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('of any exponent take no time', () => {
    expect(parseQuantity('1e999999999')?.nano).toBeGreaterThan(0n);
    expect(parseQuantity('1e-999999999')?.nano).toBe(1n);
  });
});
