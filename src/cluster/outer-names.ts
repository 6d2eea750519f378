import type { ClusterConfig } from '../config/types.ts';
import type { Provider } from '../provider/provider.ts';

/**
 * What a user must know where CoreDNS cannot pass on names that are not the cluster's: its pods have IPv6 alone, and the engine's
 * DNS server has not. Nodes have both, so images are pulled all the same.
 */
export function outerNamesWarnings(
  { networking }: Pick<ClusterConfig, 'networking'>,
  { name, answersDnsByIPv6 }: Pick<Provider, 'name' | 'answersDnsByIPv6'>,
): string[] {
  if (networking.ipFamily !== 'ipv6' || answersDnsByIPv6) return [];
  return [
    `pods will resolve the cluster's own names only: they have IPv6 alone, and ${name}'s DNS server answers by IPv4; use ipFamily: dual, or name a DNS server with an IPv6 address in the ConfigMap coredns`,
  ];
}
