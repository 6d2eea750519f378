import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKubeconfigFile, writeKubeconfigFile } from './file.ts';

let dir: string;
const path = (name: string) => join(dir, name);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'file-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('writing', () => {
  it.each([
    ['a new file is for its owner only', undefined, 0o600],
    ['a mode that is set stays', 0o640, 0o640],
    ['a narrower mode is not widened', 0o400, 0o400],
  ])('%s', (_, before, after) => {
    if (before !== undefined) {
      writeFileSync(path('config'), 'old');
      chmodSync(path('config'), before);
    }
    writeKubeconfigFile(path('config'), 'new');
    expect(readFileSync(path('config'), 'utf8')).toBe('new');
    expect(statSync(path('config')).mode & 0o777).toBe(after);
  });

  it('nothing but the file is left', () => {
    writeKubeconfigFile(path('config'), 'new');
    expect(readdirSync(dir)).toEqual(['config']);
  });

  it('a symbolic link stays, what it points to is replaced', () => {
    mkdirSync(path('real'));
    writeFileSync(path('real/config'), 'old');
    symlinkSync('real/config', path('link'));
    symlinkSync('link', path('link-to-link'));
    writeKubeconfigFile(path('link-to-link'), 'new');
    expect(lstatSync(path('link-to-link')).isSymbolicLink()).toBe(true);
    expect(lstatSync(path('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path('real/config'), 'utf8')).toBe('new');
    expect(readdirSync(path('real'))).toEqual(['config']);
  });

  it('the target of a dangling link is made', () => {
    symlinkSync('missing', path('link'));
    writeKubeconfigFile(path('link'), 'new');
    expect(readFileSync(path('missing'), 'utf8')).toBe('new');
  });

  it('a device is written to and never replaced', () => {
    symlinkSync('/dev/null', path('null'));
    writeKubeconfigFile(path('null'), 'new');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readKubeconfigFile(path('null'))).toBe('');
  });

  it.each([['missing/config'], ['directory']])(
    'a path that cannot be written (%s) is an error that says so',
    (name) => {
      mkdirSync(path('directory'));
      expect(() => writeKubeconfigFile(path(name), 'new')).toThrow(
        expect.objectContaining({ code: 'kubeconfig-not-writable', hint: expect.stringContaining('--kubeconfig') }),
      );
      expect(readdirSync(dir)).toEqual(['directory']);
    },
  );
});

describe('reading', () => {
  it('a missing file is no error', () => {
    expect(readKubeconfigFile(path('config'))).toBeUndefined();
  });

  it('a directory is one', () => {
    expect(() => readKubeconfigFile(dir)).toThrow(expect.objectContaining({ code: 'kubeconfig-not-readable' }));
  });
});
