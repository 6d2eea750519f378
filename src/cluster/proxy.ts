import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { CommandError } from '../exec/run.ts';
import { httpsUrl } from '../network/endpoint.ts';
import { findApiNodes } from './existing.ts';
import type { Session } from './session.ts';

/**
 * Forward a port of this host to a cluster's API server, and tell when the way there ends and begins again.
 * @throws {KinpodError} `no-such-cluster`, `published-anyhow`
 */
export async function forwardToCluster(
  cluster: string,
  { provider, progress, signal }: Session,
  { port, onListening }: { port?: number | undefined; onListening?: ((url: string) => void) | undefined },
): Promise<void> {
  if (!provider.forward) {
    throw new KinpodError(`clusters on ${provider.name} need no proxy: their API servers are published on this host`, {
      code: 'published-anyhow',
      hint: `kinpod export kubeconfig --name ${cluster}`,
    });
  }
  const { server } = await findApiNodes(provider, cluster);
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
