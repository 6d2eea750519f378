import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Progress } from '../../progress/progress.ts';
import { duration, expectedSeconds, remembered, TimedSteps } from './timings.ts';

let cache: string;
let shown: string[];
const progress: Progress = {
  step: (title) => {
    shown.push(title);
    return { detail() {}, done: () => shown.push('done'), fail: () => shown.push('fail') };
  },
  info() {},
  warn() {},
  debug() {},
};
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'kinpod-timings-'));
  shown = [];
});
afterEach(() => rm(cache, { recursive: true }));

test('what was measured here counts more than what is usual', () => {
  expect(expectedSeconds('compile-etcd', { 'compile-etcd': 7 }, 2)).toBe(7);
  expect(expectedSeconds('compile-etcd', {}, 2)).toBe(40);
});

test('more cores compile faster, and download no faster', () => {
  expect(expectedSeconds('compile-kubernetes', {}, 8)).toBe(80);
  expect(expectedSeconds('debian-node', {}, 8)).toBe(35);
});

test('a part that nobody knows has no expected time', () => {
  expect(expectedSeconds('compile-something', {}, 2)).toBeUndefined();
});

test('compiling is remembered by its longest time, everything else by its last', () => {
  expect(remembered('compile-kubernetes', 300, 12)).toBe(300);
  expect(remembered('debian-node', 60, 31.4)).toBe(31);
  expect(remembered('debian-static', undefined, 0.2)).toBe(1);
});

test.each([
  [4, '4s'],
  [59.6, '1m00s'],
  [320, '5m20s'],
])('%d s are shown as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('a step that has ended well is remembered by the next build', async () => {
  const first = await TimedSteps.open(progress, cache);
  await first.run('new-part', 'Doing it', async () => {});
  const second = await TimedSteps.open(progress, cache);
  await second.run('new-part', 'Doing it', async () => {});
  expect(shown).toEqual(['Doing it', 'done', 'Doing it (about 1s)', 'done']);
});

test('a step that fails is shown as failed and not remembered', async () => {
  const steps = await TimedSteps.open(progress, cache);
  await expect(steps.run('part', 'Doing it', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await (await TimedSteps.open(progress, cache)).run('part', 'Doing it', async () => {});
  expect(shown).toEqual(['Doing it', 'fail', 'Doing it', 'done']);
});

test('a damaged file of durations is ignored', async () => {
  await writeFile(join(cache, 'durations.json'), '{"part": "soon", ');
  await (await TimedSteps.open(progress, cache)).run('part', 'Doing it', async () => {});
  expect(shown[0]).toBe('Doing it');
});
