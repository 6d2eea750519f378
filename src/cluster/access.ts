import { KinpodError } from '../errors/kinpod-error.ts';
import { ApiClient } from '../kube/client.ts';
import type { KubeconfigEntry } from '../kubeconfig/kubeconfig.ts';
import { httpsUrl } from '../network/endpoint.ts';
import { type ClusterPki, issueClientCertificate } from '../pki/cluster-pki.ts';
import type { Provider } from '../provider/provider.ts';
import type { ClusterLayout } from './layout.ts';
import { contextName } from './names.ts';

/** How long kubeadm's own client certificates are valid, in days. */
const CLIENT_DAYS = 365;

export interface ClusterAccess {
  kubeconfig: KubeconfigEntry;
  /** A client of one's own, to be closed. */
  connect(): ApiClient;
}

/** By their own addresses control planes are reached one by one: the balancer's address is not in their certificates. */
function serverOf({ outside }: Provider, { loadBalancer, first }: ClusterLayout): string {
  return (outside === 'elsewhere' ? first : (loadBalancer ?? first)).name;
}

/**
 * A user's access to a cluster that is being created, made from the authorities at hand: the same user and group as in kubeadm's
 * admin.conf, without reading it from the node.
 */
export async function accessTo(
  provider: Provider,
  layout: ClusterLayout,
  pki: ClusterPki,
  signal: AbortSignal,
): Promise<ClusterAccess> {
  const endpoint = await provider.endpoint(serverOf(provider, layout), signal);
  if (!endpoint) throw new KinpodError('the API server is not published on this host', { code: 'no-endpoint' });
  // kubeadm: the administrators' own group since 1.29, before it the group that no RBAC can restrain.
  const group = layout.first.version.isBefore('1.29') ? 'system:masters' : 'kubeadm:cluster-admins';
  const client = await issueClientCertificate(pki.kubernetes, {
    commonName: 'kubernetes-admin',
    organizations: [group],
    days: CLIENT_DAYS,
  });
  return {
    kubeconfig: {
      name: contextName(layout.config.name),
      server: httpsUrl(endpoint),
      tlsServerName: endpoint.serverName,
      outer: await provider.outerCluster?.(),
      caPem: pki.kubernetes.certPem,
      clientCertPem: client.certPem,
      clientKeyPem: client.keyPem,
    },
    connect: () => new ApiClient(endpoint, { ca: pki.kubernetes.certPem, cert: client.certPem, key: client.keyPem }),
  };
}
