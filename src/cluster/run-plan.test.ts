import { expect, test } from 'vitest';
import { describePlan, type Step } from './plan.ts';
import { runPlan } from './run-plan.ts';

function recorder() {
  const log: string[] = [];
  const step = (name: string, after: string[] = [], run: Step['run'] = async () => {}): Step => ({
    name,
    after,
    run: async (context) => {
      log.push(`run ${name}`);
      await run(context);
    },
    undo: async () => {
      log.push(`undo ${name}`);
    },
  });
  return { log, step };
}

test('a step runs after those that it waits for, whatever their order in the list', async () => {
  const { log, step } = recorder();
  await runPlan([step('c', ['a', 'b']), step('a'), step('b', ['a'])]);
  expect(log).toEqual(['run a', 'run b', 'run c']);
});

test('steps that do not wait for each other run at the same time', async () => {
  const { step } = recorder();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await runPlan([step('waits', [], () => released), step('releases', [], async () => release())]);
});

test('a failure aborts the others and undoes what was begun, the last first', async () => {
  const { log, step } = recorder();
  const slow = step(
    'slow',
    ['a'],
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  const broken = step('broken', ['a'], async () => {
    throw new Error('no disk');
  });
  await expect(runPlan([step('a'), slow, broken, step('never', ['broken'])])).rejects.toThrow('no disk');
  expect(log).toEqual(['run a', 'run slow', 'run broken', 'undo broken', 'undo slow', 'undo a']);
});

test('an interrupt undoes what was begun and is what is thrown', async () => {
  const { log, step } = recorder();
  const user = new AbortController();
  const a = step('a', [], async ({ signal }) => {
    user.abort();
    signal.throwIfAborted();
  });
  await expect(runPlan([a, step('b', ['a'])], { signal: user.signal })).rejects.toMatchObject({ name: 'AbortError' });
  expect(log).toEqual(['run a', 'undo a']);
});

test('with retain nothing is undone, and the failure is still looked at', async () => {
  const { log, step } = recorder();
  const broken = step('broken', [], async () => {
    throw new Error('x');
  });
  const seen: string[] = [];
  await expect(runPlan([broken], { retain: true, onFailure: async (s) => void seen.push(s.name) })).rejects.toThrow(
    'x',
  );
  expect(log).toEqual(['run broken']);
  expect(seen).toEqual(['broken']);
});

test('an undo that fails does not keep the others from running', async () => {
  const { log, step } = recorder();
  const broken: Step = {
    ...step('b', ['a'], async () => Promise.reject(new Error('x'))),
    undo: async () => Promise.reject(new Error('y')),
  };
  const complaints: string[] = [];
  await expect(
    runPlan([step('a'), broken], { onUndoFailure: (s, e) => complaints.push(`${s.name}: ${(e as Error).message}`) }),
  ).rejects.toThrow('x');
  expect(log.at(-1)).toBe('undo a');
  expect(complaints).toEqual(['b: y']);
});

test.each([
  ['a missing step', [{ name: 'a', after: ['b'], run: async () => {} }], 'no step "b"'],
  ['a circle', [{ name: 'a', after: ['a'], run: async () => {} }], 'circle'],
])('a plan with %s is refused before anything runs', async (_, steps, message) => {
  await expect(runPlan(steps)).rejects.toThrow(message);
});

test('a plan can be read', () => {
  const { step } = recorder();
  expect(describePlan([step('network'), step('create node', ['network'])])).toBe(
    ' 1. network\n 2. create node  (after: network)',
  );
});
