import type { BootInput } from './boot-files.ts';

/**
 * The Node as the kubelet and kubeadm would make it between them, created as soon as the API server answers: the kubelet then
 * finds it on its first try (kubelet_node_status.go, AlreadyExists), and its pod addresses need no allocation.
 */
export function nodeObject({ nodeName, node, cluster, podCidr, providerName }: BootInput): object {
  const alone = cluster.nodes.length === 1;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'beta.kubernetes.io/arch': arch,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': arch,
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        ...(node.role === 'control-plane' ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
        ...(node.role === 'control-plane' && !alone
          ? { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
          : {}),
        ...node.labels,
      },
      annotations: {
        'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock',
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      providerID: `kind://${providerName}/${cluster.name}/${nodeName}`,
      ...(node.role === 'control-plane' && !alone
        ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
        : {}),
    },
  };
}
