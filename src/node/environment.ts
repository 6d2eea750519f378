import { DEFAULT_DNS_DOMAIN } from '../config/kube-names.ts';
import type { ClusterConfig } from '../config/types.ts';
import { variable } from '../exec/variables.ts';

const HTTP = 'HTTP_PROXY';
const HTTPS = 'HTTPS_PROXY';
const NO_PROXY = 'NO_PROXY';

/** Names inside every cluster, by the defaults of CoreDNS, as kind has them. */
const CLUSTER_DOMAINS = ['.svc', '.svc.cluster', `.svc.${DEFAULT_DNS_DOMAIN}`];

/** The variable by which another snapshotter of containerd is asked for; the node's entrypoint reads it. */
const SNAPSHOTTER = 'EXPERIMENTAL_CONTAINERD_SNAPSHOTTER';

/** This host's proxy settings, from either spelling, the capital one first. */
export function proxySettings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    [HTTP, HTTPS, NO_PROXY].flatMap((name) => {
      const value = env[name] || env[name.toLowerCase()];
      return value ? [[name, value]] : [];
    }),
  );
}

export interface EnvironmentInput {
  cluster: ClusterConfig;
  /** Of all nodes, the load balancer's too. */
  nodeNames: readonly string[];
  /** Of the nodes' network; only looked at where there is a proxy. */
  networkSubnets: readonly string[];
  env: NodeJS.ProcessEnv;
}

/**
 * What every node of a cluster has in its environment, as in kind: the host's proxies in both spellings, with all that is inside
 * the cluster exempt from them; search domains; and the choice of a snapshotter.
 */
export function nodeEnvironment({ cluster, nodeNames, networkSubnets, env }: EnvironmentInput): Record<string, string> {
  const { dnsSearch, dnsDomain, serviceSubnet, podSubnet } = cluster.networking;
  const snapshotter = variable(env, SNAPSHOTTER);
  const proxies = proxySettings(env);
  if (Object.keys(proxies).length > 0) {
    const exempt = [proxies[NO_PROXY] ?? '', serviceSubnet, podSubnet, ...networkSubnets, ...nodeNames];
    const domains = dnsDomain === DEFAULT_DNS_DOMAIN ? CLUSTER_DOMAINS : [...CLUSTER_DOMAINS, `.svc.${dnsDomain}`];
    proxies[NO_PROXY] = [...exempt, ...domains].filter(Boolean).join(',');
  }
  return {
    ...Object.fromEntries(
      Object.entries(proxies).flatMap(([name, value]) => [
        [name, value],
        [name.toLowerCase(), value],
      ]),
    ),
    ...(dnsSearch ? { KIND_DNS_SEARCH: dnsSearch.join(' ') } : {}),
    ...(snapshotter ? { [`KIND_${SNAPSHOTTER}`]: snapshotter } : {}),
  };
}
