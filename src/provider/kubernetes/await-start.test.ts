import { expect, test } from 'vitest';
import type { RunOptions } from '../../exec/run.ts';
import { awaitStart } from './await-start.ts';
import type { Kubectl } from './kubectl.ts';

/** An outer cluster whose watches print what the test says. */
function outer() {
  const watches = new Map<string, RunOptions>();
  const watch = (args: readonly string[], options: RunOptions) =>
    new Promise((_, reject) => {
      watches.set(args[1] ?? '', options);
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
    });
  const print = (what: 'pods' | 'events', line: string) => watches.get(what)?.onLine?.(line);
  return { kubectl: { watch } as unknown as Kubectl, print, watches };
}

const PENDING = 'Pending|||||new';
const RUNNING = 'Running|2026-11-25T23:19:41Z||||new';
const settled = async (work: Promise<unknown>) =>
  Promise.race([work.then(() => true), new Promise((resolve) => setTimeout(resolve, 20, false))]);

test('a Pod is started when an event says so, and then told to run by its status', async () => {
  const { kubectl, print, watches } = outer();
  const start = awaitStart(kubectl, 'c-worker', { withinMs: 10_000 });
  print('pods', PENDING);
  expect(await settled(start)).toBe(false);
  print('events', 'new');
  const { told } = await start;
  expect(watches.get('events')?.signal?.aborted).toBe(true);
  expect(await settled(told)).toBe(false);
  print('pods', RUNNING);
  await told;
});

test('an event of a Pod that had the name before says nothing of this one', async () => {
  const { kubectl, print } = outer();
  const start = awaitStart(kubectl, 'c-worker', { withinMs: 10_000 });
  print('events', 'old');
  print('pods', PENDING);
  expect(await settled(start)).toBe(false);
  print('pods', RUNNING);
  await start;
});

test('who may not watch events learns it by the status', async () => {
  const { kubectl, print } = outer();
  const { watch } = kubectl;
  kubectl.watch = (args, options) =>
    args[1] === 'events' ? Promise.reject(new Error('forbidden')) : watch(args, options);
  const start = awaitStart(kubectl, 'c-worker', { withinMs: 10_000 });
  print('pods', PENDING);
  print('pods', RUNNING);
  await start;
});

test('a Pod that cannot run is an error', async () => {
  const { kubectl, print } = outer();
  kubectl.list = async () => [];
  const start = awaitStart(kubectl, 'c-worker', { withinMs: 10_000 });
  print('pods', 'Pending||ErrImagePull|||new');
  await expect(start).rejects.toMatchObject({ code: 'image-not-found' });
});
