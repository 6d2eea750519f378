import { parse } from 'yaml';
import type { OuterNode } from '../provider.ts';
import type { OuterNetworks } from './networking-choice.ts';

/** What the outer cluster answered. Each part is undefined where it may not be read, or is not there. */
export interface OuterAnswers {
  nodes: { items: readonly OuterNode[] } | undefined;
  /** ServiceCIDR objects, networking.k8s.io/v1: since Kubernetes 1.33. */
  serviceCidrs: { items: readonly { spec?: { cidrs?: readonly string[] } }[] } | undefined;
  /** ConfigMap kubeadm-config of kube-system. */
  kubeadmConfig: { data?: { ClusterConfiguration?: string } } | undefined;
  /** Services of the namespace, and one that was asked for in a dry run. */
  services: { items: readonly { spec?: { clusterIPs?: readonly string[] } }[] } | undefined;
  /** What the API server says of a Service with an address that no cluster has. */
  refusedService: string | undefined;
  /** Pods of the namespace. */
  pods:
    | { items: readonly { spec?: { hostNetwork?: boolean }; status?: { podIPs?: readonly { ip: string }[] } }[] }
    | undefined;
  /** /etc/resolv.conf, where this process is itself in a Pod of the cluster. */
  resolvConf: string | undefined;
}

/** What the answers say of the outer cluster's networks. */
export function networksOf(answers: OuterAnswers): OuterNetworks {
  const kubeadm = kubeadmNetworking(answers.kubeadmConfig);
  const nodes = answers.nodes?.items ?? [];
  const ofNodes = nodes.flatMap((node) => node.spec?.podCIDRs ?? node.spec?.podCIDR ?? []);
  const ofPods = (answers.pods?.items ?? [])
    .filter((pod) => !pod.spec?.hostNetwork)
    .flatMap((pod) => pod.status?.podIPs?.map(({ ip }) => ip) ?? []);
  const cidrs = [
    ...(answers.serviceCidrs?.items.flatMap((one) => one.spec?.cidrs ?? []) ?? []),
    ...listOf(kubeadm.serviceSubnet),
    ...validRange(answers.refusedService),
  ];
  const addresses = answers.services?.items.flatMap((one) => one.spec?.clusterIPs ?? []) ?? [];
  return {
    pods: unique([...listOf(kubeadm.podSubnet), ...ofNodes, ...ofPods]),
    // An address says less than the subnets, and only of them.
    services: unique(cidrs.length > 0 ? cidrs : addresses.filter((one) => one !== 'None')),
    nodes: unique(
      nodes
        .flatMap((node) => node.status?.addresses ?? [])
        .flatMap((one) => (isAddress(one.address) ? one.address : [])),
    ),
    dnsDomain: kubeadm.dnsDomain ?? searchedDomain(answers.resolvConf),
  };
}

interface KubeadmNetworking {
  podSubnet?: string;
  serviceSubnet?: string;
  dnsDomain?: string;
}

function kubeadmNetworking(config: OuterAnswers['kubeadmConfig']): KubeadmNetworking {
  const text = config?.data?.ClusterConfiguration;
  if (text === undefined) return {};
  try {
    return (parse(text) as { networking?: KubeadmNetworking } | null)?.networking ?? {};
  } catch {
    return {};
  }
}

/** `… is not in the valid range. The range of valid IPs is 10.96.0.0/12` (ipallocator's ErrNotInRange); said until 1.32. */
function validRange(message: string | undefined): string[] {
  const range = /range of valid IPs is ([0-9a-f.:]+\/\d+)/i.exec(message ?? '')?.[1];
  return range === undefined ? [] : [range];
}

/** `search ns.svc.cluster.local svc.cluster.local cluster.local`: what the kubelet writes into every Pod. */
function searchedDomain(resolvConf: string | undefined): string | undefined {
  return /^search\s.*?\ssvc\.(\S+)/m.exec(resolvConf ?? '')?.[1];
}

function listOf(cidrs: string | undefined): string[] {
  return cidrs?.split(',').filter(Boolean) ?? [];
}

function isAddress(text: string): boolean {
  return /^[0-9.]+$|:/.test(text);
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}
