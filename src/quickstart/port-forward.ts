import { KinpodError } from '../errors/kinpod-error.ts';
import { scaled } from '../exec/time-factor.ts';
import { until } from '../exec/until.ts';
import type { QuickstartActions } from './actions.ts';

/** Milliseconds until an answer, over all tries. */
const LIMIT_MS = 30_000;
/** Milliseconds for one answer. */
const ANSWER_LIMIT_MS = 5_000;

/**
 * Ask a service by HTTP through a port of this host that is open for as long as it takes. `kubectl port-forward` goes through the
 * API server, so it works wherever that is reached: rootful or rootless, whatever the nodes' addresses.
 * @param target as kubectl names it: `service/hello`; its port 80 is asked
 * @throws {KinpodError} `timeout`
 */
export function askThroughPort(
  actions: Pick<QuickstartActions, 'kubectl'>,
  cluster: string,
  target: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  // kubectl ends with the first connection that a pod refuses: then it is started again.
  return until(() => ask(actions, cluster, target, path, signal), {
    withinMs: scaled(LIMIT_MS),
    everyMs: 500,
    what: `an answer of ${target} in "${cluster}" through a port of this host`,
    signal,
  });
}

async function ask(
  actions: Pick<QuickstartActions, 'kubectl'>,
  cluster: string,
  target: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const stop = new AbortController();
  const forwardSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const { promise: opened, resolve: open } = withResolvers<number>();
  const forward = actions.kubectl(
    cluster,
    ['port-forward', target, ':80', '--address=127.0.0.1', '--namespace=default'],
    {
      signal: forwardSignal,
      onLine(line) {
        const port = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1];
        if (port !== undefined) open(Number(port));
      },
    },
  );
  const ended = forward.then((result) => {
    throw new KinpodError(result.stderr.trim() || 'kubectl port-forward ended', { code: 'port-forward-ended' });
  });
  // The race below may be over when this happens.
  ended.catch(() => {});
  try {
    const port = await Promise.race([opened, ended]);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(scaled(ANSWER_LIMIT_MS)),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${text}`);
    return text.trim();
  } finally {
    stop.abort();
    await forward.catch(() => {});
  }
}

/** `Promise.withResolvers` of newer runtimes. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}
