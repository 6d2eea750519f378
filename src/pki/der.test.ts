import { describe, expect, it } from 'vitest';
import * as der from './der.ts';

const hex = (bytes: Buffer) => bytes.toString('hex');

describe('DER', () => {
  it.each([
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65536, '0483010000'],
  ])('writes a length of %i octets in the shortest form', (length, header) => {
    expect(hex(der.octetString(Buffer.alloc(length))).slice(0, header.length)).toBe(header);
  });

  it.each([
    ['2.5.4.3', '0603550403'],
    ['1.2.840.10045.4.3.2', '06082a8648ce3d040302'],
    ['1.3.6.1.5.5.7.3.2', '06082b06010505070302'],
    ['1.2.840.113549', '06062a864886f70d'],
  ])('writes the object identifier %s', (dotted, encoded) => {
    expect(hex(der.objectIdentifier(dotted))).toBe(encoded);
  });

  it.each([
    [[0x02], '020102'],
    [[0x7f], '02017f'],
    [[0x80], '02020080'],
    [[0xff, 0x01], '020300ff01'],
    [[], '020100'],
  ])('keeps the integer %j positive', (magnitude, encoded) => {
    expect(hex(der.unsignedInteger(Buffer.from(magnitude)))).toBe(encoded);
  });

  it.each([
    ['2025-11-21T12:30:05.999Z', 0x17, '251121123005Z'],
    ['2049-12-31T23:59:59Z', 0x17, '491231235959Z'],
    ['2050-01-01T00:00:00Z', 0x18, '20500101000000Z'],
  ])('writes the time %s with the century only from 2050 on', (date, tag, digits) => {
    const [parsed] = der.parse(der.time(new Date(date)));
    expect(parsed?.tag).toBe(tag);
    expect(parsed?.value.toString()).toBe(digits);
  });

  it('reads what it wrote', () => {
    const inner = der.octetString(Buffer.alloc(300, 7));
    const [outer] = der.parse(der.sequence(inner, der.boolean(true)));
    const elements = der.parse(outer?.value ?? Buffer.alloc(0));
    expect(elements.map((e) => e.tag)).toEqual([0x04, 0x01]);
    expect(elements[0]?.raw.equals(inner)).toBe(true);
    expect(elements[0]?.value).toHaveLength(300);
  });

  it.each([
    ['3003020102', 'complete', true],
    ['30030201', 'cut inside', false],
    ['308201', 'cut in its length', false],
  ])('parses %s, which is %s: %s', (encoded, _, valid) => {
    const parse = () => der.parse(Buffer.from(encoded, 'hex'));
    if (valid) expect(parse).not.toThrow();
    else expect(parse).toThrow(RangeError);
  });
});
