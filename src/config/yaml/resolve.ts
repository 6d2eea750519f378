import { type Mark, YamlError } from './yaml-error.ts';

/** What a scalar is in Go: the type that yaml.v3 gives it before it knows which one is wanted. */
export type ResolvedScalar =
  | { tag: '!!null'; value: null }
  | { tag: '!!bool'; value: boolean }
  /** Up to 64 bits, signed or not. */
  | { tag: '!!int'; value: bigint }
  | { tag: '!!float'; value: number }
  | { tag: string; value: string };

const WORDS: Readonly<Record<string, ResolvedScalar>> = Object.fromEntries([
  ...entries(['', '~', 'null', 'Null', 'NULL'], { tag: '!!null', value: null }),
  ...entries(['true', 'True', 'TRUE'], { tag: '!!bool', value: true }),
  ...entries(['false', 'False', 'FALSE'], { tag: '!!bool', value: false }),
  ...entries(['.nan', '.NaN', '.NAN'], { tag: '!!float', value: Number.NaN }),
  ...entries(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'], { tag: '!!float', value: Number.POSITIVE_INFINITY }),
  ...entries(['-.inf', '-.Inf', '-.INF'], { tag: '!!float', value: Number.NEGATIVE_INFINITY }),
]);

function entries(words: readonly string[], resolved: ResolvedScalar): [string, ResolvedScalar][] {
  return words.map((word) => [word, resolved]);
}

/** Tags whose text is checked; that of others is taken as it is. */
const CHECKED = new Set(['', '!!bool', '!!int', '!!float', '!!null', '!!timestamp']);

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * The value of a scalar by the rules of Go's yaml.v3 (resolve.go): YAML 1.2's core schema with 1.1's old octals, binary
 * numbers and underscores, and dates.
 * @param tag short; empty for a plain scalar without one
 * @throws {YamlError} if the text is not of the tag's type
 */
export function resolveScalar(tag: string, text: string, at?: Mark): ResolvedScalar {
  if (!CHECKED.has(tag)) return { tag, value: text };
  const resolved = resolvePlain(text, tag === '' || tag === '!!timestamp');
  if (tag === '' || tag === resolved.tag) return resolved;
  if (tag === '!!float' && typeof resolved.value === 'bigint' && resolved.value < 2n ** 63n) {
    return { tag, value: Number(resolved.value) };
  }
  throw new YamlError(`cannot decode ${resolved.tag} \`${text}\` as a ${tag}`, { stage: 'composer', at });
}

function resolvePlain(text: string, mayBeDate: boolean): ResolvedScalar {
  const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
  if (word) return word;
  if (text.startsWith('.')) return float(text.replaceAll(/(?<=\d)_(?=\d)/g, '')) ?? { tag: '!!str', value: text };
  if (!/^[-+\d]/.test(text)) return { tag: '!!str', value: text };
  if (mayBeDate && isDate(text)) return { tag: '!!timestamp', value: text };
  const digits = text.replaceAll('_', '');
  return integer(digits) ?? float(digits) ?? { tag: '!!str', value: text };
}

/** As Go's strconv with base 0: 0x50, 0b101, 0o17 and 017. */
function integer(text: string): ResolvedScalar | undefined {
  const match = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', hex, binary, octal, decimal] = match;
  const size = BigInt(hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal ?? '0'));
  const value = sign === '-' ? -size : size;
  // Only without a sign does Go try for 64 bits.
  const max = sign === '' ? MAX_UINT64 : 2n ** 63n - 1n;
  return value >= MIN_INT64 && value <= max ? { tag: '!!int', value } : undefined;
}

function float(text: string): ResolvedScalar | undefined {
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? { tag: '!!float', value } : undefined;
}

/** The formats of YAML 1.1's timestamps that Go reads. */
function isDate(text: string): boolean {
  const time = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?`;
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ??
    new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})[Tt]${time}(?:Z|[-+]\d\d:\d\d)$`).exec(text) ??
    new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2}) ${time}$`).exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  // The day before the first of the next month is the last of this one.
  const days = new Date(Date.UTC(2000, month, 0)).getUTCDate();
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && !isLeap ? 28 : days;
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay && hour < 24 && minute < 60 && second < 60;
}
