import { AsyncLocalStorage } from 'node:async_hooks';
import { KinpodError } from '../errors/kinpod-error.ts';
import { variable } from './variables.ts';

/** Stands in for `--timeout-factor`, also for commands that have no such flag. */
const VARIABLE = 'TIMEOUT_FACTOR';

/** Node.js' timers count no further: 2³¹ - 1 ms, 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

const given = new AsyncLocalStorage<number>();

/** Do something with a factor of its own, which all that it calls follows. */
export function withTimeFactor<T>(factor: number, work: () => T): T {
  return given.run(factor, work);
}

/**
 * By how much time limits are multiplied: what {@link withTimeFactor} says, else `KINPOD_TIMEOUT_FACTOR`, else 1. They were made for machines on
 * which a cluster takes seconds; an emulated or an overcommitted one takes minutes. What users say themselves (`--wait`) stays.
 * @throws {KinpodError} `bad-variable`
 */
export function timeFactor(env: NodeJS.ProcessEnv = process.env): number {
  const own = given.getStore();
  if (own !== undefined) return own;
  const text = variable(env, VARIABLE);
  if (text === undefined) return 1;
  const factor = Number(text);
  if (Number.isFinite(factor) && factor > 0) return factor;
  throw new KinpodError(`KINPOD_${VARIABLE} is "${text}", which is no number above 0`, {
    code: 'bad-variable',
    hint: `on a slow machine: KINPOD_${VARIABLE}=5`,
  });
}

/** A time limit in milliseconds, as this machine needs it. */
export function scaled(ms: number, env?: NodeJS.ProcessEnv): number {
  return Math.min(Math.round(ms * timeFactor(env)), LONGEST_MS);
}
