import { connect } from 'node:net';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { until } from '../../exec/until.ts';
import type { Endpoint } from '../../network/endpoint.ts';
import type { Provider } from '../../provider/provider.ts';
import { NodeError } from '../node-error.ts';

/** Milliseconds that HAProxy may take to listen: it takes a tenth of a second. */
const START_LIMIT_MS = 20_000;

/**
 * Wait until the load balancer takes connections, whether it has somebody to lead them to or not.
 * @throws {NodeError} `no-load-balancer`
 */
export async function waitForLoadBalancer(
  provider: Provider,
  node: string,
  { timeoutFactor, signal }: { timeoutFactor: number; signal: AbortSignal },
): Promise<void> {
  const endpoint = await provider.endpoint(node, signal);
  try {
    await until(async () => endpoint && takesConnections(endpoint), {
      withinMs: START_LIMIT_MS * timeoutFactor,
      what: `${node} to listen`,
      signal,
    });
  } catch (error) {
    if (!(error instanceof KinpodError)) throw error;
    throw new NodeError(node, 'the load balancer did not start', {
      code: 'no-load-balancer',
      details: error.message,
      hint: 'an older node image has no HAProxy: kinpod build node-image',
      cause: error,
    });
  }
}

function takesConnections({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
