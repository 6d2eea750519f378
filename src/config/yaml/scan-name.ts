import type { CharSource } from './char-source.ts';
import { code, codes, hexDigit, isBlank, isBlankOrEnd, isBreakOrEnd, isDigit, isWord } from './chars.ts';
import { utf8Width } from './encodings.ts';
import type { Token } from './token.ts';
import { type Mark, YamlError } from './yaml-error.ts';

const BANG = code('!');
const PERCENT = code('%');
const BEHIND_ANCHOR = codes('?:,]}%@`');
const URI = codes(";/?:@&=+$,.!~*'()[]%");

type Context = 'a directive' | 'a %YAML directive' | 'a %TAG directive' | 'a tag' | 'an anchor' | 'an alias';

function failure(source: CharSource, context: Context, contextAt: Mark, problem: string): YamlError {
  return new YamlError(problem, { stage: 'scanner', at: source.mark, context: `while scanning ${context}`, contextAt });
}

function scanWord(source: CharSource): string {
  let word = '';
  while (isWord(source.at())) word += source.take();
  return word;
}

/** `&name` or `*name` */
export function scanAnchor(source: CharSource, type: 'anchor' | 'alias'): Token {
  const start = source.mark;
  source.skip();
  const value = scanWord(source);
  if (value === '' || !(isBlankOrEnd(source.at()) || BEHIND_ANCHOR.has(source.at()))) {
    const context = type === 'anchor' ? 'an anchor' : 'an alias';
    throw failure(source, context, start, 'did not find expected alphabetic or numeric character');
  }
  return { type, start, end: source.mark, value };
}

/** `!<uri>`, `!handle!suffix`, `!suffix` or `!` */
export function scanTag(source: CharSource): Token {
  const start = source.mark;
  let handle = '';
  let suffix: string;
  if (source.at(1) === code('<')) {
    source.skip(2);
    suffix = scanUri(source, 'a tag', '', start);
    if (source.at() !== code('>')) throw failure(source, 'a tag', start, "did not find the expected '>'");
    source.skip();
  } else {
    handle = scanHandle(source, 'a tag', start);
    if (handle.length > 1 && handle.endsWith('!')) {
      suffix = scanUri(source, 'a tag', '', start);
    } else {
      suffix = scanUri(source, 'a tag', handle, start);
      if (suffix === '') [handle, suffix] = ['', handle];
      else handle = '!';
    }
  }
  if (!isBlankOrEnd(source.at())) {
    throw failure(source, 'a tag', start, 'did not find expected whitespace or line break');
  }
  return { type: 'tag', start, end: source.mark, value: handle, suffix };
}

/** `!`, `!!` or `!word!`; also the beginning of a tag without a handle: `!word` */
function scanHandle(source: CharSource, context: Context, start: Mark): string {
  if (source.at() !== BANG) throw failure(source, context, start, "did not find expected '!'");
  const handle = source.take() + scanWord(source);
  if (source.at() === BANG) return handle + source.take();
  if (context === 'a %TAG directive' && handle !== '!') {
    throw failure(source, context, start, "did not find expected '!'");
  }
  return handle;
}

/** @param head what was read already, with its leading `!` */
function scanUri(source: CharSource, context: Context, head: string, start: Mark): string {
  let uri = head.slice(1);
  let isEmpty = head === '';
  while (isWord(source.at()) || URI.has(source.at())) {
    uri += source.at() === PERCENT ? scanUriEscape(source, context, start) : source.take();
    isEmpty = false;
  }
  if (isEmpty) throw failure(source, context, start, 'did not find expected tag URI');
  return uri;
}

/** The octets of one character, each as `%xx`. */
function scanUriEscape(source: CharSource, context: Context, start: Mark): string {
  const octets: number[] = [];
  let width = 1;
  while (octets.length < width) {
    source.ensure(3);
    const [high, low] = [hexDigit(source.at(1)), hexDigit(source.at(2))];
    if (source.at() !== PERCENT || high === undefined || low === undefined) {
      throw failure(source, context, start, 'did not find URI escaped octet');
    }
    const octet = high * 16 + low;
    if (octets.length === 0) {
      width = utf8Width(octet);
      if (width === 0) throw failure(source, context, start, 'found an incorrect leading UTF-8 octet');
    } else if ((octet & 0xc0) !== 0x80) {
      throw failure(source, context, start, 'found an incorrect trailing UTF-8 octet');
    }
    octets.push(octet);
    source.skip(3);
  }
  return Buffer.from(octets).toString('utf8');
}

/** `%YAML 1.1` or `%TAG !handle! prefix`, to the end of its line. */
export function scanDirective(source: CharSource): Token {
  const start = source.mark;
  source.skip();
  const name = scanWord(source);
  if (name === '') throw failure(source, 'a directive', start, 'could not find expected directive name');
  if (!isBlankOrEnd(source.at())) {
    throw failure(source, 'a directive', start, 'found unexpected non-alphabetical character');
  }
  let token: Token;
  if (name === 'YAML') token = scanVersion(source, start);
  else if (name === 'TAG') token = scanTagDirective(source, start);
  else throw failure(source, 'a directive', start, 'found unknown directive name');
  skipBlanks(source);
  if (source.at() === code('#')) while (!isBreakOrEnd(source.at())) source.skip();
  if (!isBreakOrEnd(source.at())) {
    throw failure(source, 'a directive', start, 'did not find expected comment or line break');
  }
  source.ensure(2);
  source.skipBreak();
  return token;
}

function scanVersion(source: CharSource, start: Mark): Token {
  const context = 'a %YAML directive';
  skipBlanks(source);
  const number = () => {
    let digits = '';
    while (isDigit(source.at())) {
      if (digits.length === 2) throw failure(source, context, start, 'found extremely long version number');
      digits += source.take();
    }
    if (digits === '') throw failure(source, context, start, 'did not find expected version number');
    return Number(digits);
  };
  const major = number();
  if (source.at() !== code('.')) {
    throw failure(source, context, start, "did not find expected digit or '.' character");
  }
  source.skip();
  return { type: 'version directive', start, end: source.mark, suffix: `${major}.${number()}` };
}

function scanTagDirective(source: CharSource, start: Mark): Token {
  const context = 'a %TAG directive';
  skipBlanks(source);
  const handle = scanHandle(source, context, start);
  if (!isBlank(source.at())) throw failure(source, context, start, 'did not find expected whitespace');
  skipBlanks(source);
  const prefix = scanUri(source, context, '', start);
  if (!isBlankOrEnd(source.at())) {
    throw failure(source, context, start, 'did not find expected whitespace or line break');
  }
  return { type: 'tag directive', start, end: source.mark, value: handle, suffix: prefix };
}

function skipBlanks(source: CharSource): void {
  while (isBlank(source.at())) source.skip();
}
