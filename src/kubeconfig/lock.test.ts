import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withFileLock } from './lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('the lock is there during the work and gone afterwards', async () => {
  const path = join(dir, 'config');
  expect(await withFileLock(path, () => existsSync(`${path}.lock`))).toBe(true);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

it('the lock is gone after work that failed', async () => {
  const path = join(dir, 'config');
  const work = () => {
    throw new Error('no');
  };
  await expect(withFileLock(path, work)).rejects.toThrow('no');
  expect(existsSync(`${path}.lock`)).toBe(false);
});

it('a missing directory is made for its owner only', async () => {
  await withFileLock(join(dir, 'a', '.kube', 'config'), () => undefined);
  expect(statSync(join(dir, 'a', '.kube')).mode & 0o777).toBe(0o700);
});

it('waits for another holder', async () => {
  const path = join(dir, 'config');
  writeFileSync(`${path}.lock`, '');
  setTimeout(() => rmSync(`${path}.lock`), 150);
  expect(await withFileLock(path, () => 'done')).toBe('done');
});

it('gives up on a lock that stays, names it and leaves it', async () => {
  const lock = join(dir, 'config.lock');
  writeFileSync(lock, '');
  const failed = withFileLock(join(dir, 'config'), () => 'done', { withinMs: 50 });
  await expect(failed).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining(lock),
    hint: expect.stringContaining(`rm ${lock}`),
    details: expect.stringMatching(/it was made at \d{4}-/),
  });
  expect(existsSync(lock)).toBe(true);
});

it('an abort ends the wait', async () => {
  writeFileSync(join(dir, 'config.lock'), '');
  const signal = AbortSignal.timeout(50);
  await expect(withFileLock(join(dir, 'config'), () => 'done', { signal })).rejects.toThrow(/abort|timeout/i);
});

it('does not wait where the lock can never be made', async () => {
  writeFileSync(join(dir, 'file'), '');
  const failed = withFileLock(join(dir, 'file', 'config'), () => 'done');
  await expect(failed).rejects.toMatchObject({ code: 'kubeconfig-not-writable' });
});

it('many at once take turns', async () => {
  const path = join(dir, 'config');
  let counter = 0;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      withFileLock(path, () => {
        expect(existsSync(`${path}.lock`)).toBe(true);
        counter += 1;
      }),
    ),
  );
  expect(counter).toBe(20);
});
