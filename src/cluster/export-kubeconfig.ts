import { mergeKubeconfig, renderKubeconfig } from '../kubeconfig/kubeconfig.ts';
import { httpsUrl } from '../network/endpoint.ts';
import { administrator, findApiNodes } from './existing.ts';
import { type CommonOptions, openSession, type Session } from './session.ts';

export interface KubeconfigOptions extends CommonOptions {
  /** File to write to. Default `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
}

export interface EndpointOptions extends CommonOptions {
  /** The address inside the nodes' network instead of the published one. Default false. */
  internal?: boolean | undefined;
  /** The address that the engine publishes, also where its machine is another than this container. Default false. */
  published?: boolean | undefined;
  /** This URL instead: how the API server is reached from elsewhere. Its host must be in the server's certificate. */
  server?: string | undefined;
}

async function accessEntry({ provider, signal }: Session, name: string, options: EndpointOptions) {
  const { internal, published, server } = options;
  const nodes = await findApiNodes(provider, name);
  const entry = await administrator(provider, nodes, internal ?? false, signal);
  const there = published ? await provider.publishedEndpoint?.(nodes.server.name) : undefined;
  return { ...entry, server: server ?? (there ? httpsUrl(there) : entry.server) };
}

/** @throws {KinpodError} `no-such-cluster`, `node-stopped` */
export async function getKubeconfig(name: string, options: EndpointOptions = {}): Promise<string> {
  return renderKubeconfig(await accessEntry(await openSession(options), name, options));
}

/** @throws {KinpodError} `no-such-cluster`, `node-stopped`, `invalid-kubeconfig` */
export async function exportKubeconfig(
  name: string,
  options: EndpointOptions & KubeconfigOptions = {},
): Promise<{ path: string; context: string }> {
  const session = await openSession(options);
  const entry = await accessEntry(session, name, options);
  const path = await mergeKubeconfig(entry, options.kubeconfig, session.env, session.signal);
  return { path, context: entry.name };
}
