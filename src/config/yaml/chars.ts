/** Characters are code points; 0 stands for the end of the input, as no input may hold a NUL. */
export const END = 0;
export const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;
export const BYTE_ORDER_MARK = 0xfeff;

export function code(character: string): number {
  return character.codePointAt(0) ?? END;
}

/** `code` of each of the characters of a text. */
export function codes(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, code));
}

export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}

/** As YAML 1.1 has it: NEL, LS and PS too. */
export function isBreak(c: number): boolean {
  return c === LF || c === CR || c === NEXT_LINE || c === LINE_SEPARATOR || c === PARAGRAPH_SEPARATOR;
}

export function isBreakOrEnd(c: number): boolean {
  return c === END || isBreak(c);
}

export function isBlankOrEnd(c: number): boolean {
  return isBlank(c) || isBreakOrEnd(c);
}

export function isCrLf(first: number, second: number): boolean {
  return first === CR && second === LF;
}

/** What a break stands for in a value: LS and PS stay, all others become a line feed. */
export function breakText(c: number): string {
  return c === LINE_SEPARATOR || c === PARAGRAPH_SEPARATOR ? String.fromCodePoint(c) : '\n';
}

export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** A character of a name: of an anchor, a tag handle, a directive. */
export function isWord(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === 0x2d;
}

/** 0 to 15, undefined where it is no hexadecimal digit. */
export function hexDigit(c: number): number | undefined {
  if (isDigit(c)) return c - 0x30;
  if (c >= 0x41 && c <= 0x46) return c - 0x41 + 10;
  if (c >= 0x61 && c <= 0x66) return c - 0x61 + 10;
  return undefined;
}

/** YAML 1.1's printable characters; the others may only be written as escapes. */
export function isAllowed(c: number): boolean {
  return (
    c === TAB ||
    c === LF ||
    c === CR ||
    (c >= SPACE && c <= 0x7e) ||
    c === NEXT_LINE ||
    (c >= 0xa0 && c <= 0xd7ff) ||
    (c >= 0xe000 && c <= 0xfffd) ||
    (c >= 0x10000 && c <= 0x10ffff)
  );
}
