import type { BootInput } from './boot-input.ts';
import type { KubeadmDocument } from './kubeadm-config.ts';
import { hasKubeProxy } from './kubeadm-phases.ts';

/** Lines of the file `peers`, a route each: what is reached, and through whom. */
export function peerRoutes(peers: BootInput['peers']): string {
  return peers
    .flatMap(({ podCidrs, addresses }) =>
      podCidrs.flatMap((cidr) => addresses.filter((a) => sameFamily(a, cidr)).map((a) => `${cidr} ${a}\n`)),
    )
    .join('');
}

/** What network.sh and gate.sh set up, as shell variables; lists are separated by spaces. */
export function networkEnvironment(
  { addresses, cluster, apiServiceAddress }: BootInput,
  documents: readonly KubeadmDocument[],
): Record<string, string> {
  const { serviceSubnet, podSubnet, disableDefaultCNI } = cluster.networking;
  const proxied = hasKubeProxy(documents);
  const proxy = documents.find((d) => d.kind === 'KubeProxyConfiguration');
  const backend = addresses.find((a) => sameFamily(a, apiServiceAddress));
  return {
    NODE_ADDRESSES: addresses.join(' '),
    // Another network plugin has its own way out of the cluster.
    MASQUERADE_SUBNETS: disableDefaultCNI ? '' : podSubnet.replaceAll(',', ' '),
    // With ipvs, Service addresses are the node's own and stay in the packets.
    REFUSED_SUBNETS: proxied && proxy?.mode !== 'ipvs' ? serviceSubnet.replaceAll(',', ' ') : '',
    API_SERVICE_ADDRESS: apiServiceAddress,
    API_BACKEND: !proxied || !backend ? '' : `${backend.includes(':') ? `[${backend}]` : backend}:6443`,
  };
}

function sameFamily(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':');
}
