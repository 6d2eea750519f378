import { expect, it } from 'vitest';
import { resolveScalar } from './resolve.ts';

/** As resolve.go of yaml.v3. */
it.each([
  ['80', '!!int', 80n],
  ['-0x1F', '!!int', -31n],
  ['0b11', '!!int', 3n],
  ['0o17', '!!int', 15n],
  ['017', '!!int', 15n],
  ['1_000', '!!int', 1000n],
  ['18446744073709551615', '!!int', 18446744073709551615n],
  ['18446744073709551616', '!!float', 2 ** 64],
  ['+9223372036854775808', '!!float', 2 ** 63],
  ['08', '!!float', 8],
  ['.5', '!!float', 0.5],
  ['.1_5', '!!float', 0.15],
  ['1e400', '!!str', '1e400'],
  ['._5', '!!str', '._5'],
  ['_1', '!!str', '_1'],
  ['.inf', '!!float', Number.POSITIVE_INFINITY],
  ['yes', '!!str', 'yes'],
  ['True', '!!bool', true],
  ['tRUE', '!!str', 'tRUE'],
  ['', '!!null', null],
  ['2000-02-29', '!!timestamp', '2000-02-29'],
  ['1900-02-29', '!!str', '1900-02-29'],
  ['2001-1-1T1:2:3Z', '!!timestamp', '2001-1-1T1:2:3Z'],
  ['2001-01-01 25:00:00', '!!str', '2001-01-01 25:00:00'],
])('%s is %s %s', (text, tag, value) => {
  expect(resolveScalar('', text)).toEqual({ tag, value });
});

it('a tag has to fit, but an integer is a float', () => {
  expect(resolveScalar('!!float', '80')).toEqual({ tag: '!!float', value: 80 });
  expect(resolveScalar('!own', '80')).toEqual({ tag: '!own', value: '80' });
  expect(() => resolveScalar('!!int', 'x')).toThrow('cannot decode !!str `x` as a !!int');
  expect(() => resolveScalar('!!bool', 'yes')).toThrow('cannot decode !!str `yes` as a !!bool');
});
