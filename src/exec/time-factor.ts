import { KinpodError } from '../errors/kinpod-error.ts';
import { variable } from './variables.ts';

/** Stands in for `--timeout-factor`, also for commands that have no such flag. */
const VARIABLE = 'TIMEOUT_FACTOR';

/** Node.js' timers count no further: 2³¹ - 1 ms, 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * By how much the time limits of this process are multiplied: `KINPOD_TIMEOUT_FACTOR`, default 1. They were made for machines on
 * which a cluster takes seconds; an emulated or an overcommitted one takes minutes. What users say themselves (`--wait`) stays.
 * @throws {KinpodError} `bad-variable`
 */
export function timeFactor(env: NodeJS.ProcessEnv = process.env): number {
  const text = variable(env, VARIABLE);
  if (text === undefined) return 1;
  const factor = Number(text);
  if (Number.isFinite(factor) && factor > 0) return factor;
  throw new KinpodError(`KINPOD_${VARIABLE} is "${text}", which is no number above 0`, {
    code: 'bad-variable',
    hint: `on a slow machine: KINPOD_${VARIABLE}=5`,
  });
}

/** An environment whose time limits are multiplied by a factor, where one is given. */
export function withTimeFactor(env: NodeJS.ProcessEnv, factor: number | undefined): NodeJS.ProcessEnv {
  return factor === undefined ? env : { ...env, [`KINPOD_${VARIABLE}`]: String(factor) };
}

/** A time limit in milliseconds, as this machine needs it. */
export function scaled(ms: number, env?: NodeJS.ProcessEnv): number {
  return Math.min(Math.round(ms * timeFactor(env)), LONGEST_MS);
}
