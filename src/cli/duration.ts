import { KinpodError } from '../errors/kinpod-error.ts';

/** Milliseconds in each unit of Go's time.ParseDuration, which kind's `--wait` uses. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of a duration written as Go writes it: `30s`, `5m`, `1m30s`, `1.5h`, `0`.
 * @throws {KinpodError} `usage` where it is not one
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  const read = parts.map(([part]) => part).join('');
  if (parts.length === 0 || read !== text) {
    throw new KinpodError(`"${text}" is not a duration`, {
      code: 'usage',
      hint: 'write a number with a unit: 30s, 5m, 1m30s, 1h, or 0',
    });
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
}
