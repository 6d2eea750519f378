import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { onPath } from '../../exec/on-path.ts';
import { run } from '../../exec/run.ts';
import { ArchiveFile } from './archive-file.ts';

const content = 'what is in it\n'.repeat(100_000);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-archive-test-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function file(name: string, data: string | Uint8Array): Promise<ArchiveFile> {
  await writeFile(join(dir, name), data);
  return ArchiveFile.open(join(dir, name), undefined);
}

describe('an archive', () => {
  test('is read as it is, any number of times, and tells how much', async () => {
    const archive = await file('plain.tar', content);
    let bytes = 0;
    const onBytes = (count: number) => {
      bytes += count;
    };
    expect(await archive.read(text, { onBytes })).toBe(content);
    expect(await archive.read(text)).toBe(content);
    expect([bytes, archive.bytes]).toEqual([content.length, content.length]);
  });

  test('is decompressed where it is compressed with gzip, in several pieces too', async () => {
    const pieces = [content.slice(0, 1000), content.slice(1000)].map((piece) => gzipSync(piece));
    const archive = await file('archive.tar.gz', Buffer.concat(pieces));
    expect(await archive.read(text)).toBe(content);
  });

  test.each([
    ['zstd', ['-q']],
    ['xz', []],
    ['bzip2', []],
  ])('is decompressed with the %s of this machine', async (program, flags) => {
    if (!(await onPath(program, process.env))) return;
    await writeFile(join(dir, program), content);
    await run(program, [...flags, '-k', join(dir, program)]);
    const [compressed = ''] = (await readdir(dir)).filter((name) => name.startsWith(`${program}.`));
    const archive = await ArchiveFile.open(join(dir, compressed), undefined);
    expect(await archive.read(text)).toBe(content);
    // Who has seen enough need not read to the end.
    expect(await archive.read(async () => 'seen enough')).toBe('seen enough');
  });

  test('says what is needed where the program for its compression is missing', async () => {
    const archive = await file('x.tar.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]));
    vi.stubEnv('PATH', '/nonexistent');
    try {
      await expect(archive.read(text)).rejects.toThrow('compressed with zstd, and there is no zstd on this machine');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('that is cut short is said to be', async () => {
    const archive = await file('cut.tar.gz', gzipSync(content).subarray(0, 2000));
    await expect(archive.read(text)).rejects.toThrow('cut.tar.gz cannot be decompressed: unexpected end of file');
  });

  test("that does not exist is reported in kind's words", async () => {
    await expect(ArchiveFile.open('/nonexistent.tar', undefined)).rejects.toThrow(
      'stat /nonexistent.tar: no such file or directory',
    );
  });
});

test('stdin is kept in a file until it is no longer needed', async () => {
  vi.stubEnv('TMPDIR', dir);
  const kept = async () => (await readdir(dir)).filter((name) => name.startsWith('kinpod-archive-'));
  try {
    const archive = await ArchiveFile.open('-', Readable.from([Buffer.from(content)]));
    expect(await kept()).toHaveLength(1);
    expect(await archive.read(text)).toBe(content);
    expect(await archive.read(text)).toBe(content);
    await archive[Symbol.asyncDispose]();
    const broken = new Readable({ read: () => broken.destroy(new Error('closed')) });
    await expect(ArchiveFile.open('-', broken)).rejects.toThrow('closed');
    expect(await kept()).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
  }
});
