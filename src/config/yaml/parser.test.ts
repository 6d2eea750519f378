import { describe, expect, it } from 'vitest';
import type { YamlNode } from './node.ts';
import { parseFirstDocument } from './parser.ts';
import { YamlError } from './yaml-error.ts';

/** Results and error texts as Go's yaml.v3 v3.0.4 gives them. */

const parse = (text: string | Uint8Array) => parseFirstDocument(typeof text === 'string' ? Buffer.from(text) : text);

/** A node as a plain value; tags only where they say what the value does not. */
function plain(node: YamlNode | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return undefined;
    case 'alias':
      return `*${node.name}`;
    case 'scalar':
      return node.tag === '!!str' ? node.value : `${node.tag} ${node.value}`;
    case 'sequence':
      return node.items.map(plain);
    case 'mapping':
      return Object.fromEntries(node.pairs.map(({ key, value }) => [String(plain(key)), plain(value)]));
  }
}

const value = (text: string | Uint8Array) => plain(parse(text)?.root);

function failure(text: string | Uint8Array): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof YamlError) return error.goText;
    throw error;
  }
  return 'none';
}

describe('collections', () => {
  it.each<[string, unknown]>([
    ['a: b', { a: 'b' }],
    ['a:\n- b\n- c', { a: ['b', 'c'] }],
    ['a:\n  - b\n  -\n  - - c', { a: ['b', '!!null ', ['c']] }],
    ['- a: b\n  c: d\n- e', [{ a: 'b', c: 'd' }, 'e']],
    ['? a\n: b\n? c', { a: 'b', c: '!!null ' }],
    ['{a: b, "c":d, e, ? f, g: }', { a: 'b', c: 'd', e: '!!null ', f: '!!null ', g: '!!null ' }],
    ['[a, [b], {c: d}, e: f, ]', ['a', ['b'], { c: 'd' }, { e: 'f' }]],
    ['[a:b, a :b, "a":b]', ['a:b', 'a :b', { a: 'b' }]],
    ['a: # c\n  # d\n  b # e', { a: 'b' }],
    ['# a\n\t# b\nc: d', { c: 'd' }],
    ['a:\tb\t# c', { a: 'b' }],
    ['{a: b}\ttrailing text', { a: 'b' }],
  ])('%j', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });
});

describe('scalars', () => {
  it.each<[string, unknown]>([
    ['a\n b\n\n c', 'a b\nc'],
    ['"a\n b\n\n c\\\n   d"', 'a b\ncd'],
    ["'it''s\n x'", "it's x"],
    ['"\\x41\\u00e9\\U0001F9C0\\0\\e\\N\\_\\L\\P\\\'"', "Aé🧀\0\x1b\u0085\u00a0\u2028\u2029'"],
    ['|\n a\n  b\n\n c\n', 'a\n b\n\nc\n'],
    ['|-\n a\n\n', 'a'],
    ['|+\n a\n\n', 'a\n\n'],
    ['>\n a\n b\n\n c\n  d\n e\n', 'a b\nc\n d\ne\n'],
    ['|2 # c\n   a\n', ' a\n'],
    ['a\u2028 b\u0085 c', 'a\u2028b c'],
    ['80', '!!int 80'],
    ['"80"', '80'],
    ['~', '!!null ~'],
    ['2001-01-01', '!!timestamp 2001-01-01'],
    ['!!int "80"', '!!int 80'],
    ['!<tag:yaml.org,2002:str> 80', '80'],
    ['! 80', '!!int 80'],
    ['!own 80', '!own 80'],
    ['%TAG !e! tag:yaml.org,2002:\n---\n!e!str 80', '80'],
    ['&a x', 'x'],
    ['<<', '!!merge <<'],
  ])('%j', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });
});

describe('streams', () => {
  it.each<[string, unknown, string | undefined]>([
    ['', undefined, undefined],
    ['# a', undefined, undefined],
    ['---', '!!null ', undefined],
    ['a\n...\n', 'a', undefined],
    ['a\n---\n', 'a', undefined],
    ['a\n---\nb', 'a', '3:1'],
    ['a\n---\nb: c\nd: @', 'a', '3:1'],
    ['{} x', {}, '1:4'],
  ])('%j', (text, expected, rest) => {
    const document = parse(text);
    expect(plain(document?.root)).toEqual(expected);
    expect(document?.rest && `${document.rest.line + 1}:${document.rest.column + 1}`).toBe(rest);
  });

  it('are read in three encodings', () => {
    expect(value('\ufeffä: 🧀')).toEqual({ ä: '🧀' });
    expect(value(Buffer.from('\ufeffä: 🧀', 'utf16le'))).toEqual({ ä: '🧀' });
    expect(value(Buffer.from('\ufeffä: 🧀', 'utf16le').swap16())).toEqual({ ä: '🧀' });
  });

  it('are only read as far as they are needed', () => {
    expect(value(`a\n---\n${'b: c\n'.repeat(200)}\x01`)).toBe('a');
    expect(failure('a\n---\n@')).toBe('yaml: line 3: found character that cannot start any token');
    expect(failure('a\n---\n\x01')).toBe('yaml: control characters are not allowed');
  });
});

describe('what is refused', () => {
  it.each([
    ['a: "b', 'yaml: found unexpected end of stream'],
    ['\na: "b', 'yaml: line 2: found unexpected end of stream'],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a:\n\t- b', 'yaml: line 2: found character that cannot start any token'],
    ['a: b\n c: d', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a: [b', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: {b]', "yaml: did not find expected ',' or '}'"],
    ['a:\n- b\n c: d', 'yaml: line 3: mapping values are not allowed in this context'],
    ['a: b\nc', "yaml: line 2: could not find expected ':'"],
    ['- a\nb: c', "yaml: line 1: did not find expected '-' indicator"],
    ['a: - b', 'yaml: block sequence entries are not allowed in this context'],
    ['[*b]', "yaml: unknown anchor 'b' referenced"],
    ['*', 'yaml: did not find expected alphabetic or numeric character'],
    ['!e!x y', 'yaml: found undefined tag handle'],
    ['%YAML 1.2\n---', 'yaml: found incompatible YAML document'],
    ['%FOO', 'yaml: found unknown directive name'],
    ['"\\q"', 'yaml: found unknown escape character'],
    ['"\\ud800"', 'yaml: found invalid Unicode character escape code'],
    ['|0\n a', 'yaml: found an indentation indicator equal to 0'],
    ['|\n\ta', 'yaml: line 2: found a tab character where an indentation space is expected'],
    ['a: b\n\tc', 'yaml: line 2: found a tab character that violates indentation'],
    ['@', 'yaml: found character that cannot start any token'],
    ['[,]', 'yaml: did not find expected node content'],
    [`{${'a'.repeat(1025)}: b}`, "yaml: did not find expected ',' or '}'"],
  ])('%j', (text, expected) => {
    expect(failure(text)).toBe(expected);
  });

  it.each([
    [[0x61, 0xff], 'yaml: invalid leading UTF-8 octet'],
    [[0x61, 0xc3], 'yaml: incomplete UTF-8 octet sequence'],
    [[0xc3, 0x61], 'yaml: invalid trailing UTF-8 octet'],
    [[0xc0, 0x80], 'yaml: invalid length of a UTF-8 sequence'],
    [[0xed, 0xa0, 0x80], 'yaml: invalid Unicode character'],
    [[0x61, 0], 'yaml: control characters are not allowed'],
    [[0xff, 0xfe, 0x61], 'yaml: incomplete UTF-16 character'],
    [[0xff, 0xfe, 0, 0xdc], 'yaml: unexpected low surrogate area'],
    [[0xff, 0xfe, 0, 0xd8, 0, 0], 'yaml: expected low surrogate area'],
  ])('the bytes %j', (bytes, expected) => {
    expect(failure(Uint8Array.from(bytes))).toBe(expected);
  });

  it('has the place where it was noticed, and where what it is in began', () => {
    try {
      parse('a:\n  b: [c,\n  d\ne: f\n');
    } catch (error) {
      expect(error).toMatchObject({ at: { line: 3, column: 1 }, contextAt: { line: 1, column: 5 } });
    }
    expect.assertions(1);
  });
});
