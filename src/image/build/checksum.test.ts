import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checksumInFile, digestFile, parseChecksum, verifyDigest } from './checksum.ts';

const sha256 = 'Ab'.repeat(32);
const sha512 = 'cd'.repeat(64);

test.each([
  [`sha256:${sha256}`, 'sha256'],
  [`SHA512:${sha512}`, 'sha512'],
  [sha256, 'sha256'],
  [sha512, 'sha512'],
])('%s is a checksum', (text, algorithm) => {
  expect(parseChecksum(text)).toEqual({ algorithm, hex: text.replace(/^.*:/, '').toLowerCase() });
});

test.each([`sha512:${sha256}`, `md5:${'a'.repeat(32)}`, 'sha256:', `${sha256}0`, ''])('"%s" is none', (text) => {
  expect(() => parseChecksum(text)).toThrow('is not a checksum');
});

test.each([
  [`${sha512}\n`, 'sha512'],
  [`${sha256}  kubernetes-server-linux-amd64.tar.gz\n`, 'sha256'],
])('a file beside a release holds it alone or as sha256sum writes it', (text, algorithm) => {
  expect(checksumInFile(text)?.algorithm).toBe(algorithm);
});

test('what a server sends instead of a missing file is no checksum', () => {
  expect(checksumInFile('<!doctype html><title>Not here</title>')).toBeUndefined();
});

test('a file that is not the one that was meant is refused, with both checksums', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-checksum-'));
  try {
    await writeFile(join(dir, 'x'), 'content');
    const digests = await digestFile(join(dir, 'x'));
    expect(digests.sha512).toBe(createHash('sha512').update('content').digest('hex'));
    expect(() => verifyDigest('x', digests, parseChecksum(digests.sha256), 'here')).not.toThrow();
    expect(() => verifyDigest('x', digests, parseChecksum(sha256), 'here')).toThrow(
      expect.objectContaining({ code: 'checksum-mismatch', details: expect.stringContaining(digests.sha256) }),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
