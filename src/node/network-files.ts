import type { BootInput } from './boot-input.ts';
import { hasKubeProxy } from './kubeadm-phases.ts';

/** Lines of the file `peers`, a route each: what is reached, and through whom. */
export function peerRoutes(peers: BootInput['peers']): string {
  return peers
    .flatMap(({ podCidrs, addresses }) =>
      podCidrs.flatMap((cidr) => addresses.filter((a) => sameFamily(a, cidr)).map((a) => `${cidr} ${a}\n`)),
    )
    .join('');
}

/** What the boot scripts do in the network, as shell variables; lists are separated by spaces. */
export function networkEnvironment(input: BootInput): Record<string, string> {
  const { part, networkAddresses, firstAddresses, apiServiceAddress, firstDocuments } = input;
  const { serviceSubnet, podSubnet, disableDefaultCNI } = input.cluster.networking;
  const first = part === 'first';
  const proxied = hasKubeProxy(firstDocuments);
  const proxy = firstDocuments.find((d) => d.kind === 'KubeProxyConfiguration');
  const backend = firstAddresses.find((a) => sameFamily(a, apiServiceAddress));
  return {
    NODE_ADDRESSES: words(networkAddresses),
    FIRST_ADDRESSES: words(firstAddresses),
    // Whose connections to the API server wait for it on the first boot, and which addresses lead there for that time.
    GATE_SOURCES: first ? words(input.peers.flatMap((p) => p.addresses)) : '',
    DETOURS: first ? '' : words([...input.loadBalancerAddresses, ...(part === 'member' ? networkAddresses : [])]),
    // Another network plugin has its own way out of the cluster.
    MASQUERADE_SUBNETS: disableDefaultCNI ? '' : words(podSubnet.split(',')),
    // With ipvs, Service addresses are the node's own and stay in the packets.
    REFUSED_SUBNETS: proxied && proxy?.mode !== 'ipvs' ? words(serviceSubnet.split(',')) : '',
    API_SERVICE_ADDRESS: apiServiceAddress,
    API_BACKEND: proxied && backend ? `${bracketed(backend)}:6443` : '',
  };
}

function sameFamily(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function words(list: readonly string[]): string {
  return list.join(' ');
}
