import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runtimeDir } from './directories.ts';

let tmp: string;
let own: string;
beforeEach(async () => {
  tmp = await mkdtemp(join(tmpdir(), 'kinpod-directories-'));
  own = join(tmp, `kinpod-${process.getuid?.()}`);
});
afterEach(() => rm(tmp, { recursive: true }));

describe('the directory for locks', () => {
  test('is in the directory that the session has for such', () => {
    expect(runtimeDir({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/kinpod');
  });

  test('else is the user’s own in the temporary directory, there already or not', async () => {
    expect(runtimeDir({ TMPDIR: tmp })).toBe(own);
    await mkdir(own, { mode: 0o700 });
    expect(runtimeDir({ TMPDIR: tmp })).toBe(own);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['others can write to', () => mkdir(own).then(() => chmod(own, 0o777))],
    ['is a link', () => symlink('/var', own)],
    ['is a file', () => writeFile(own, '')],
  ])('is not one that %s', async (_, make) => {
    await make();
    expect(() => runtimeDir({ TMPDIR: tmp })).toThrow(`${own} is not a directory that only you can write to`);
  });
});
