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

/** Go counts nanoseconds in 64 bits: longer is no duration. */
const LONGEST_MS = 2 ** 63 / 1e6;

/**
 * Milliseconds of a duration written as Go writes it: `30s`, `5m`, `1m30s`, `1.5h`, `-1s`, `0`.
 * @throws {KinpodError} `usage` where it is not one
 */
export function parseDuration(text: string): number {
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return 0;
  let ms = 0;
  let rest = unsigned;
  do {
    const [number = ''] = /^\d*\.?\d*/.exec(rest) ?? [];
    if (!/\d/.test(number)) throw notADuration(text, 'invalid duration');
    const [unit = ''] = /^[^.\d]*/.exec(rest.slice(number.length)) ?? [];
    if (unit === '') throw notADuration(text, 'missing unit in duration');
    const unitMs = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (unitMs === undefined) throw notADuration(text, `unknown unit ${JSON.stringify(unit)} in duration`);
    ms += Number(number) * unitMs;
    rest = rest.slice(number.length + unit.length);
  } while (rest !== '');
  if (ms >= LONGEST_MS) throw notADuration(text, 'invalid duration');
  return text.startsWith('-') ? -ms : ms;
}

function notADuration(text: string, kindsReason: string): KinpodError {
  return new KinpodError(`"${text}" is not a duration`, {
    code: 'usage',
    hint: 'write a number with a unit: 30s, 5m, 1m30s, 1h, or 0',
    kindMessage: `time: ${kindsReason} ${JSON.stringify(text)}`,
  });
}
