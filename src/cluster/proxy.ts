import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { CommandError } from '../exec/run.ts';
import { httpsUrl } from '../network/endpoint.ts';
import { findApiNodes } from './existing.ts';
import { type CommonOptions, openSession } from './session.ts';

export interface ProxyOptions extends CommonOptions {
  /** Port on 127.0.0.1. Default: the one that the cluster's kubeconfig has, or another where that is in use. */
  port?: number | undefined;
  /** Told when the port is open, with the URL there. */
  onListening?: ((url: string) => void) | undefined;
}

/**
 * Forward a port of this host to the API server of a cluster whose nodes are Pods, until `signal` aborts or the cluster is deleted.
 * It waits through restarts of either, so that to clients the server is slow, not gone.
 * @throws {KinpodError} `no-such-cluster`, `published-anyhow`
 */
export async function proxy(name: string, options: ProxyOptions): Promise<void> {
  const { provider, progress, signal } = await openSession(options);
  const { port, onListening } = options;
  if (!provider.forward) {
    throw new KinpodError(`clusters on ${provider.name} need no proxy: their API servers are published on this host`, {
      code: 'published-anyhow',
      hint: `kinpod export kubeconfig --name ${name}`,
    });
  }
  const { server } = await findApiNodes(provider, name);
  let told = '';
  const tell = (line: string) => {
    if (line !== told) progress.info(line);
    told = line;
  };
  await provider.forward(server.name, {
    port,
    signal: signal ?? new AbortController().signal,
    onListening: (endpoint) => onListening?.(httpsUrl(endpoint)),
    onChange: ({ open, reason }) => tell(open ? `Connected to ${server.name}` : `Not connected: ${why(reason)}`),
  });
}

function why(reason: unknown): string {
  if (reason === undefined) return 'the connection ended';
  const text = reason instanceof CommandError ? reason.details : undefined;
  return text?.trim().split('\n').at(-1) || messageOf(reason);
}
