import type { CharSource } from './char-source.ts';
import { code, END, hexDigit, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, TAB } from './chars.ts';
import type { Token } from './token.ts';
import { type Mark, YamlError } from './yaml-error.ts';

/** What a double-quoted scalar's escapes stand for, besides those with a number. */
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ' },
  ...{ '"': '"', "'": "'", '\\': '\\', N: '\u0085', _: '\u00a0', L: '\u2028', P: '\u2029' },
};
/** Hexadecimal digits of the escapes with a number. */
const ESCAPE_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const HASH = code('#');
const SINGLE_QUOTE = code("'");
const DOUBLE_QUOTE = code('"');
const BACKSLASH = code('\\');

/** `---` or `...` at the beginning of a line. */
export function isDocumentIndicator(source: CharSource, character: '-' | '.'): boolean {
  const c = code(character);
  return (
    source.column === 0 && source.at() === c && source.at(1) === c && source.at(2) === c && isBlankOrEnd(source.at(3))
  );
}

function scannerError(source: CharSource, context: string, contextAt: Mark, problem: string): YamlError {
  return new YamlError(problem, { stage: 'scanner', at: source.mark, context, contextAt });
}

/** How lines are joined: one break is a space, more are themselves without the first. */
function fold(firstBreak: string, moreBreaks: string): string {
  if (firstBreak !== '\n') return firstBreak + moreBreaks;
  return moreBreaks || ' ';
}

/** A scalar in single or double quotes. */
export function scanQuoted(source: CharSource): Token {
  const start = source.mark;
  const quote = source.at();
  source.skip();
  let value = '';
  for (;;) {
    source.ensure(4);
    if (isDocumentIndicator(source, '-') || isDocumentIndicator(source, '.')) {
      throw scannerError(source, 'while scanning a quoted scalar', start, 'found unexpected document indicator');
    }
    if (source.at() === END) {
      throw scannerError(source, 'while scanning a quoted scalar', start, 'found unexpected end of stream');
    }
    const { text, isContinued } = scanQuotedWord(source, quote, start);
    value += text;
    if (source.at() === quote) break;
    value += scanQuotedGap(source, isContinued);
  }
  source.skip();
  return { type: 'scalar', start, end: source.mark, value, style: 'quoted' };
}

/** Up to the next blank, break or closing quote. */
function scanQuotedWord(source: CharSource, quote: number, start: Mark): { text: string; isContinued: boolean } {
  let text = '';
  while (!isBlankOrEnd(source.at())) {
    const c = source.at();
    if (c === quote && !(quote === SINGLE_QUOTE && source.at(1) === SINGLE_QUOTE)) break;
    if (c === SINGLE_QUOTE && quote === SINGLE_QUOTE) {
      text += "'";
      source.skip(2);
    } else if (c === BACKSLASH && quote === DOUBLE_QUOTE && isBreak(source.at(1))) {
      source.skip();
      source.skipBreak();
      return { text, isContinued: true };
    } else if (c === BACKSLASH && quote === DOUBLE_QUOTE) {
      text += scanEscape(source, start);
    } else {
      text += source.take();
    }
    source.ensure(2);
  }
  return { text, isContinued: false };
}

function scanEscape(source: CharSource, start: Mark): string {
  const context = 'while parsing a quoted scalar';
  const letter = String.fromCodePoint(source.at(1));
  const digits = ESCAPE_DIGITS[letter];
  if (digits === undefined) {
    const text = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (text === undefined) throw scannerError(source, context, start, 'found unknown escape character');
    source.skip(2);
    return text;
  }
  source.skip(2);
  source.ensure(digits);
  let value = 0;
  for (let n = 0; n < digits; n++) {
    const digit = hexDigit(source.at(n));
    // kind's own words, with its spelling.
    if (digit === undefined) throw scannerError(source, context, start, 'did not find expected hexdecimal number');
    value = value * 16 + digit;
  }
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    throw scannerError(source, context, start, 'found invalid Unicode character escape code');
  }
  source.skip(digits);
  return String.fromCodePoint(value);
}

/** Blanks and breaks inside quotes. @param isContinued the line ended in a backslash */
function scanQuotedGap(source: CharSource, isContinued: boolean): string {
  let blanks = '';
  let firstBreak = '';
  let moreBreaks = '';
  let hasBreak = isContinued;
  while (isBlank(source.at()) || isBreak(source.at())) {
    if (isBlank(source.at())) {
      const blank = source.take();
      if (!hasBreak) blanks += blank;
    } else if (hasBreak) {
      moreBreaks += source.takeBreak();
    } else {
      firstBreak = source.takeBreak();
      hasBreak = true;
    }
  }
  return hasBreak ? fold(firstBreak, moreBreaks) : blanks;
}

/**
 * @param indent column of the block around it, -1 outside of any
 * @returns with whether lines were begun behind it, at which a key may stand
 */
export function scanPlain(source: CharSource, indent: number, isInFlow: boolean): Token & { endsAtNewLine: boolean } {
  const start = source.mark;
  let end = start;
  let value = '';
  let blanks = '';
  let firstBreak = '';
  let moreBreaks = '';
  for (;;) {
    source.ensure(4);
    if (isDocumentIndicator(source, '-') || isDocumentIndicator(source, '.') || source.at() === HASH) break;
    while (!isBlankOrEnd(source.at()) && !endsPlain(source, isInFlow)) {
      value += firstBreak === '' ? blanks : fold(firstBreak, moreBreaks);
      blanks = firstBreak = moreBreaks = '';
      value += source.take();
      end = source.mark;
      source.ensure(2);
    }
    if (!isBlank(source.at()) && !isBreak(source.at())) break;
    while (isBlank(source.at()) || isBreak(source.at())) {
      if (isBreak(source.at())) {
        blanks = '';
        if (firstBreak === '') firstBreak = source.takeBreak();
        else moreBreaks += source.takeBreak();
        continue;
      }
      if (firstBreak !== '' && source.column <= indent && source.at() === TAB) {
        const problem = 'found a tab character that violates indentation';
        throw scannerError(source, 'while scanning a plain scalar', start, problem);
      }
      const blank = source.take();
      if (firstBreak === '') blanks += blank;
    }
    if (!isInFlow && source.column <= indent) break;
  }
  return { type: 'scalar', start, end, value, style: 'plain', endsAtNewLine: firstBreak !== '' };
}

const FLOW_INDICATORS = new Set(Array.from(',?[]{}', code));
const COLON = code(':');

function endsPlain(source: CharSource, isInFlow: boolean): boolean {
  const c = source.at();
  return (c === COLON && isBlankOrEnd(source.at(1))) || (isInFlow && FLOW_INDICATORS.has(c));
}

const PLUS = code('+');
const MINUS = code('-');
const ZERO = code('0');

/** A literal (`|`) or folded (`>`) scalar. @param parentIndent column of the block around it, -1 outside of any */
export function scanBlock(source: CharSource, parentIndent: number): Token {
  const start = source.mark;
  const isLiteral = source.at() === code('|');
  source.skip();
  const { chomping, increment } = scanBlockHeader(source, start);
  let indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0;
  let gap = scanBlockGap(source, indent, parentIndent, start);
  indent = gap.indent;
  let value = '';
  let firstBreak = '';
  let moreBreaks = gap.breaks;
  let end = gap.end;
  let startedBlank = false;
  while (source.column === indent && source.at() !== END) {
    const startsBlank = isBlank(source.at());
    const isFolded = !isLiteral && firstBreak.startsWith('\n') && !startedBlank && !startsBlank;
    value += isFolded ? fold(firstBreak, moreBreaks) : firstBreak + moreBreaks;
    startedBlank = startsBlank;
    while (!isBreakOrEnd(source.at())) value += source.take();
    source.ensure(2);
    firstBreak = source.takeBreak();
    gap = scanBlockGap(source, indent, parentIndent, start);
    moreBreaks = gap.breaks;
    end = gap.end;
  }
  if (chomping >= 0) value += firstBreak;
  if (chomping > 0) value += moreBreaks;
  return { type: 'scalar', start, end, value, style: 'block' };
}

/** What follows `|` or `>` in its line: which breaks of the end stay, and by how much it is indented. */
function scanBlockHeader(source: CharSource, start: Mark): { chomping: -1 | 0 | 1; increment: number } {
  const context = 'while scanning a block scalar';
  let chomping: -1 | 0 | 1 = 0;
  let increment = 0;
  const scanChomping = () => {
    if (source.at() !== PLUS && source.at() !== MINUS) return false;
    chomping = source.at() === PLUS ? 1 : -1;
    source.skip();
    return true;
  };
  const scanIncrement = () => {
    if (!isDigit(source.at())) return false;
    if (source.at() === ZERO) {
      throw scannerError(source, context, start, 'found an indentation indicator equal to 0');
    }
    increment = source.at() - ZERO;
    source.skip();
    return true;
  };
  if (scanChomping()) scanIncrement();
  else if (scanIncrement()) scanChomping();
  while (isBlank(source.at())) source.skip();
  if (source.at() === HASH) while (!isBreakOrEnd(source.at())) source.skip();
  if (!isBreakOrEnd(source.at())) {
    throw scannerError(source, context, start, 'did not find expected comment or line break');
  }
  source.ensure(2);
  source.skipBreak();
  return { chomping, increment };
}

/** Empty lines and the indentation of the next one. @param indent 0: that of the first line that is not empty */
function scanBlockGap(
  source: CharSource,
  indent: number,
  parentIndent: number,
  start: Mark,
): { breaks: string; indent: number; end: Mark } {
  let breaks = '';
  let widest = 0;
  let end = source.mark;
  for (;;) {
    while ((indent === 0 || source.column < indent) && source.at() === 0x20) source.skip();
    widest = Math.max(widest, source.column);
    if ((indent === 0 || source.column < indent) && source.at() === TAB) {
      const problem = 'found a tab character where an indentation space is expected';
      throw scannerError(source, 'while scanning a block scalar', start, problem);
    }
    if (!isBreak(source.at())) break;
    source.ensure(2);
    breaks += source.takeBreak();
    end = source.mark;
  }
  return { breaks, indent: indent || Math.max(widest, parentIndent + 1, 1), end };
}
