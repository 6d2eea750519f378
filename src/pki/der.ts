/**
 * As much of ASN.1 DER (X.690) as a certificate needs. Own code, because the libraries that do this cost 40 to 120 ms of
 * start-up, and a cluster is expected to be up in five seconds.
 */

/** One element of a parsed encoding. */
export interface DerElement {
  tag: number;
  /** The value without tag and length. */
  value: Buffer;
  /** Tag, length and value. */
  raw: Buffer;
}

/** Tags as they stand in the encoding: class and constructed bit included. */
export const TAG = { objectIdentifier: 0x06, sequence: 0x30, set: 0x31, contextConstructed: 0xa0 } as const;

export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const value = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(value.length), value]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const octets = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}

export const sequence = (...contents: Uint8Array[]): Buffer => element(TAG.sequence, ...contents);
export const set = (content: Uint8Array): Buffer => element(TAG.set, content);
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]));
export const octetString = (content: Uint8Array): Buffer => element(0x04, content);
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
/** `[n]` around a whole element. */
export const explicit = (n: number, content: Uint8Array): Buffer => element(TAG.contextConstructed | n, content);
/** `[n]` in place of the tag of a primitive element. */
export const implicit = (n: number, value: Uint8Array): Buffer => element(0x80 | n, value);

/** @param magnitude big-endian, without sign and without needless leading zeros */
export function unsignedInteger(magnitude: Uint8Array): Buffer {
  const sign = (magnitude[0] ?? 0) & 0x80 || magnitude.length === 0 ? Buffer.from([0]) : Buffer.alloc(0);
  return element(0x02, sign, magnitude);
}

/** @param unusedBits how many of the lowest bits of the last octet are no part of the value, 0 to 7 */
export function bitString(octets: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), octets);
}

/** @param dotted as it is written: `1.2.840.10045.4.3.2` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 4.1.2.5 demands; whole seconds. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`;
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/**
 * The elements that stand one after the other in `bytes`.
 * @throws RangeError if an element reaches beyond the end
 */
export function parse(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at);
    const short = bytes.readUInt8(at + 1);
    const lengthSize = short < 0x80 ? 0 : short & 0x7f;
    const length = lengthSize === 0 ? short : bytes.readUIntBE(at + 2, lengthSize);
    const start = at + 2 + lengthSize;
    const end = start + length;
    if (end > bytes.length) throw new RangeError(`DER element at ${at} ends at ${end} of ${bytes.length} octets`);
    elements.push({ tag, value: bytes.subarray(start, end), raw: bytes.subarray(at, end) });
    at = end;
  }
  return elements;
}

/**
 * The element that one reaches from `bytes` by taking, level by level, the child with the given index.
 * @throws RangeError if there is none
 */
export function at(bytes: Buffer, ...path: number[]): DerElement {
  let found: DerElement | undefined;
  for (const index of path) {
    found = parse(found?.value ?? bytes)[index];
    if (found === undefined) throw new RangeError(`no DER element at ${path.join('.')}`);
  }
  if (found === undefined) throw new RangeError('the path to a DER element is empty');
  return found;
}
