import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unless } from '../../test/support/unless.ts';
import { withLock } from './lock.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('two that want the lock run one after the other, and nothing is left', async () => {
  const path = join(dir, 'deep', 'x.lock');
  let inside = 0;
  const work = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((r) => setTimeout(r, 20));
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(path, work, { withinMs: 5000 })));
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that is gone is taken over', async () => {
  const path = join(dir, 'x.lock');
  // Larger than any process ID that Linux gives (PID_MAX_LIMIT, 2^22).
  await writeFile(path, '99999999');
  await expect(withLock(path, async () => 'done', { withinMs: 5000 })).resolves.toBe('done');
});

test('a stale lock does not keep those who do not wait', async () => {
  const path = join(dir, 'x.lock');
  await writeFile(path, '99999999');
  await expect(withLock(path, async () => 'done', { withinMs: 0 })).resolves.toBe('done');
});

const noProc = existsSync('/proc/self/stat') ? undefined : 'here nothing tells when a process began';

test('a process that got the ID of the holder later does not hold the lock', unless(noProc), async () => {
  const path = join(dir, 'x.lock');
  await writeFile(path, `${process.pid} 1`);
  await expect(withLock(path, async () => 'done', { withinMs: 0 })).resolves.toBe('done');
});

test('the lock of a live process is waited for, and then named in the error', async () => {
  const path = join(dir, 'x.lock');
  await writeFile(path, String(process.pid));
  await expect(withLock(path, async () => {}, { withinMs: 120 })).rejects.toMatchObject({
    code: 'lock-held',
    message: expect.stringContaining(path),
  });
  expect(existsSync(path)).toBe(true);
});

test('the lock is given back when the work fails', async () => {
  const path = join(dir, 'x.lock');
  await expect(withLock(path, async () => Promise.reject(new Error('no')), { withinMs: 1000 })).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('whoever does not want to wait is told at once', async () => {
  const path = join(dir, 'x.lock');
  await withLock(
    path,
    () => expect(withLock(path, async () => {}, { withinMs: 0 })).rejects.toMatchObject({ code: 'lock-held' }),
    { withinMs: 0 },
  );
});

test('of many that find a stale lock, one at a time gets it', async () => {
  const path = join(dir, 'x.lock');
  await writeFile(path, '99999999');
  let inside = 0;
  const work = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((r) => setTimeout(r, 5));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, { withinMs: 10_000 })));
});
