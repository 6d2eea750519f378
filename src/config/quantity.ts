/** An amount of something, as Kubernetes writes it: `250m`, `1.5`, `2Gi`, `1e3` (apimachinery's resource.Quantity). */
export interface Quantity {
  /** In thousand millionths, which is as fine as Kubernetes goes; what is finer counts as one more. */
  nano: bigint;
}

/** For editors; the same as below. */
export const QUANTITY_PATTERN = '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$';

const PARTS = new RegExp(QUANTITY_PATTERN.replace('^[+-]?(', '^([+-]?)('));

/** Exponents of ten, and of two (suffix.go). */
const DECIMAL = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 } as const;
const BINARY = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 } as const;

const NANO_DIGITS = 9;
/** Beyond it no amount differs from another in practice, and numbers would need more memory than there is. */
const MAX_EXPONENT = 100;

/** @returns undefined if it is no quantity */
export function parseQuantity(text: string): Quantity | undefined {
  const match = PARTS.exec(text);
  if (!match) return undefined;
  const [, sign = '', number = '', , suffix = ''] = match;
  const [whole = '', fraction = ''] = number.split('.');
  const digits = BigInt(whole + fraction);
  const { base, exponent } = scale(suffix);
  const shift = (base === 10 ? exponent : 0) - fraction.length + NANO_DIGITS;
  const scaled = digits * (base === 2 ? 2n ** BigInt(exponent) : 1n);
  const nano = shift >= 0 ? scaled * 10n ** BigInt(shift) : divideUp(scaled, 10n ** BigInt(-shift));
  return { nano: sign === '-' ? -nano : nano };
}

function scale(suffix: string): { base: 2 | 10; exponent: number } {
  if (suffix in BINARY) return { base: 2, exponent: BINARY[suffix as keyof typeof BINARY] };
  if (suffix in DECIMAL) return { base: 10, exponent: DECIMAL[suffix as keyof typeof DECIMAL] };
  return { base: 10, exponent: Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, Number(suffix.slice(1)))) };
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
