export interface Decoded {
  char: number;
  /** Bytes. */
  width: number;
  problem?: string;
}

/** The character at a place, or what is incomplete if it does not end before `end`; worded as by libyaml's reader. */
export function decodeUtf8(bytes: Uint8Array, at: number, end: number): Decoded | string {
  const lead = bytes[at] ?? 0;
  const width = utf8Width(lead);
  if (width === 0) return { char: lead, width: 1, problem: 'invalid leading UTF-8 octet' };
  if (at + width > end) return 'incomplete UTF-8 octet sequence';
  let char = width === 1 ? lead : lead & (0x7f >> width);
  for (let n = 1; n < width; n++) {
    const octet = bytes[at + n] ?? 0;
    if ((octet & 0xc0) !== 0x80) return { char, width, problem: 'invalid trailing UTF-8 octet' };
    char = (char << 6) + (octet & 0x3f);
  }
  const least = [0, 0, 0x80, 0x800, 0x10000][width] ?? 0;
  if (char < least) return { char, width, problem: 'invalid length of a UTF-8 sequence' };
  if ((char >= 0xd800 && char <= 0xdfff) || char > 0x10ffff)
    return { char, width, problem: 'invalid Unicode character' };
  return { char, width };
}

/** Length of a UTF-8 sequence by its first octet, 0 if it cannot be a first one. */
export function utf8Width(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

export function decodeUtf16(bytes: Uint8Array, at: number, end: number, littleEndian: boolean): Decoded | string {
  const unit = (offset: number) => {
    const [low, high] = littleEndian ? [offset, offset + 1] : [offset + 1, offset];
    return (bytes[low] ?? 0) + ((bytes[high] ?? 0) << 8);
  };
  if (at + 2 > end) return 'incomplete UTF-16 character';
  const first = unit(at);
  if ((first & 0xfc00) === 0xdc00) return { char: first, width: 2, problem: 'unexpected low surrogate area' };
  if ((first & 0xfc00) !== 0xd800) return { char: first, width: 2 };
  if (at + 4 > end) return 'incomplete UTF-16 surrogate pair';
  const second = unit(at + 2);
  if ((second & 0xfc00) !== 0xdc00) return { char: first, width: 2, problem: 'expected low surrogate area' };
  return { char: 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff), width: 4 };
}
