import { setTimeout as sleep } from 'node:timers/promises';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { traceWaiting } from './trace.ts';

export interface UntilOptions {
  /** Milliseconds until it gives up. */
  withinMs: number;
  /** Milliseconds between two looks. Default 100. */
  everyMs?: number | undefined;
  /** What is awaited, for the error: `the API server of kind-control-plane`. */
  what: string;
  signal?: AbortSignal | undefined;
  hint?: string | undefined;
}

/**
 * Look again and again until `look` gives something other than undefined or false.
 * A look that throws counts as "not yet"; the last reason is part of the error.
 * @throws {KinpodError} `timeout` with what was awaited, how long, and the last answer
 * @throws AbortError if `signal` aborts
 */
export async function until<T>(look: () => Promise<T | undefined | false>, options: UntilOptions): Promise<T> {
  const started = Date.now();
  let lastSeen = 'nothing yet';
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      lastSeen = messageOf(error);
    }
    if (Date.now() - started > options.withinMs) {
      throw new KinpodError(`waited ${Math.round(options.withinMs / 1000)}s for ${options.what}`, {
        code: 'timeout',
        details: `last seen: ${lastSeen}`,
        hint: options.hint,
      });
    }
    traceWaiting(options.what, lastSeen);
    await sleep(options.everyMs ?? 100, undefined, options.signal ? { signal: options.signal } : undefined);
  }
}
