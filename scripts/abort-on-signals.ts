const NAMES = ['SIGINT', 'SIGTERM'] as const;

/**
 * For programs that have to clean up before they end: aborted, with the signal's name in the reason, when this process is told to end.
 *
 * The listeners stay. Were they taken off by the first signal, as `once` does, execa's signal-exit would find no listener but its own
 * and end the process there and then.
 */
export function abortOnSignals(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of NAMES) process.on(name, () => interrupted.abort(new Error(`ended by ${name}`)));
  return interrupted.signal;
}
