import { BYTE_ORDER_MARK, breakText, END, isAllowed, isBlank, isBreak, isCrLf } from './chars.ts';
import { type Decoded, decodeUtf8, decodeUtf16 } from './encodings.ts';
import { type Mark, YamlError } from './yaml-error.ts';

/**
 * libyaml reads and decodes this many bytes at a time (input_raw_buffer_size). It shows: what is wrong with the characters
 * of a block is told before anything else in it, and what is wrong in a block that is never reached is not told at all.
 */
const BLOCK_BYTES = 512;

/** The characters of a YAML stream, with the place of the next one. */
export class CharSource {
  readonly #bytes: Uint8Array;
  readonly #decode: (bytes: Uint8Array, at: number, end: number) => Decoded | string;
  #nextByte: number;
  readonly #chars: number[] = [];
  #position = 0;
  #ended = false;
  /** Where the characters began that were there when more were last asked for. */
  #windowStart = 0;
  #line = 0;
  #column = 0;
  /** Line breaks since the last character that is not blank. */
  breaksBehind = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.length === 0 ? Uint8Array.of(0x0a) : bytes;
    const [first, second, third] = bytes;
    const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    const isMarked = isUtf16 || (first === 0xef && second === 0xbb && third === 0xbf);
    this.#decode = isUtf16 ? (b, at, end) => decodeUtf16(b, at, end, first === 0xff) : decodeUtf8;
    this.#nextByte = isUtf16 ? 2 : isMarked ? 3 : 0;
  }

  get mark(): Mark {
    return { index: this.#position, line: this.#line, column: this.#column };
  }

  get column(): number {
    return this.#column;
  }

  get line(): number {
    return this.#line;
  }

  get index(): number {
    return this.#position;
  }

  /** The character `ahead` of the next one; END behind the last. */
  at(ahead = 0): number {
    this.ensure(ahead + 1);
    return this.#chars[this.#position + ahead] ?? END;
  }

  /**
   * Decode until there are `count` characters, or the end.
   * @throws {YamlError} if one of the block in which they are cannot be
   */
  ensure(count: number): void {
    if (this.#chars.length - this.#position >= count) return;
    this.#windowStart = this.#position;
    while (!this.#ended && this.#chars.length - this.#position < count) this.#decodeBlock();
    if (this.#ended) this.#chars.push(END);
  }

  /** libyaml looks for a byte order mark at the start of its buffer, not at the place where it stands. */
  get windowStartsWithByteOrderMark(): boolean {
    return this.#chars[this.#windowStart] === BYTE_ORDER_MARK;
  }

  skip(count = 1): void {
    for (let n = 0; n < count; n++) {
      if (!isBlank(this.at())) this.breaksBehind = 0;
      this.#position++;
      this.#column++;
    }
  }

  /** The next character, and go on. */
  take(): string {
    const character = String.fromCodePoint(this.at());
    this.skip();
    return character;
  }

  /** Go past a line break, if there is one. */
  skipBreak(): void {
    const c = this.at();
    if (!isBreak(c)) return;
    this.#position += isCrLf(c, this.at(1)) ? 2 : 1;
    this.#line++;
    this.#column = 0;
    this.breaksBehind++;
  }

  /** The text that a line break stands for, and go on; empty if there is none. */
  takeBreak(): string {
    const c = this.at();
    if (!isBreak(c)) return '';
    this.skipBreak();
    return breakText(c);
  }

  /** The end of the stream counts as the beginning of a line. */
  forceNewLine(): void {
    if (this.#column === 0) return;
    this.#column = 0;
    this.#line++;
  }

  #decodeBlock(): void {
    const start = this.#nextByte;
    if (start >= this.#bytes.length) {
      this.#ended = true;
      return;
    }
    // The first block holds the byte order mark too; what is incomplete in one is read again with the next.
    const end = Math.min((this.#chars.length === 0 ? 0 : start) + BLOCK_BYTES, this.#bytes.length);
    while (this.#nextByte < end) {
      const decoded = this.#decode(this.#bytes, this.#nextByte, end);
      if (typeof decoded === 'string') {
        if (this.#nextByte > start) return;
        throw new YamlError(decoded, { stage: 'reader', at: this.#endOfDecoded() });
      }
      const problem = decoded.problem ?? (isAllowed(decoded.char) ? undefined : 'control characters are not allowed');
      if (problem !== undefined) throw new YamlError(problem, { stage: 'reader', at: this.#endOfDecoded() });
      this.#chars.push(decoded.char);
      this.#nextByte += decoded.width;
    }
  }

  #endOfDecoded(): Mark {
    let line = 0;
    let lineStart = 0;
    this.#chars.forEach((c, n) => {
      if (!isBreak(c) || isCrLf(c, this.#chars[n + 1] ?? END)) return;
      line++;
      lineStart = n + 1;
    });
    return { index: this.#chars.length, line, column: this.#chars.length - lineStart };
  }
}
