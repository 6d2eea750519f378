import { expect, test } from 'vitest';
import { goQuote } from './go-quote.ts';

// What Go 1.26 prints for fmt.Printf("%q").
test.each([
  ['plain', '"plain"'],
  ['a "b" \\c', '"a \\"b\\" \\\\c"'],
  ['tab\tline\n', '"tab\\tline\\n"'],
  ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
  ['ü 📦 日本', '"ü 📦 日本"'],
  ['\u200b\u00a0\u2028\ufeff', '"\\u200b\\u00a0\\u2028\\ufeff"'],
])('%j is quoted as Go does it', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
