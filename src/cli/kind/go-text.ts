import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';

const BOOLEANS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false]),
]);

/** As Go's strconv.ParseBool. @throws {KinpodError} `usage` in its words */
export function goBoolean(text: string): boolean {
  const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
  if (value === undefined) throw syntaxError('ParseBool', text, 'invalid syntax');
  return value;
}

/** As Go's strconv.ParseInt of 32 bits, whose base the text decides. @throws {KinpodError} `usage` in its words */
export function goInt32(text: string): number {
  const [, sign, digits = ''] = /^([-+]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|0|[1-9]\d*)$/i.exec(text) ?? [];
  if (sign === undefined) throw syntaxError('ParseInt', text, 'invalid syntax');
  const size = Number(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = sign === '-' ? -size : size;
  if (value > 0x7fffffff || value < -0x80000000) throw syntaxError('ParseInt', text, 'value out of range');
  return value;
}

function syntaxError(what: string, text: string, why: string): KinpodError {
  return new KinpodError(`strconv.${what}: parsing ${goQuote(text)}: ${why}`, { code: 'usage' });
}
