import type { KubeadmDocument, KubeadmInput } from './kubeadm-config.ts';
import { skippedPhases } from './kubeadm-phases.ts';

export interface NodeObject {
  apiVersion: 'v1';
  kind: 'Node';
  metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
  spec: { podCIDR: string | undefined; podCIDRs: readonly string[]; providerID: string; taints?: readonly Taint[] };
  status: Record<'capacity' | 'allocatable', Record<string, string>>;
}

export interface NodeObjectInput extends KubeadmInput {
  /** The part of the pod subnet that is this node's, `10.244.0.0/24`, of each family that the cluster has. */
  podCidrs: readonly string[];
  /** Processors and bytes of memory of the machine. */
  machine: { cpus: number; memoryBytes: number };
}

interface Taint {
  key: string;
  value?: string;
  effect: string;
}

interface NodeRegistration {
  criSocket?: string;
  /** undefined: kubeadm's own taint; an empty list: none. */
  taints?: Taint[];
  /** A map in v1beta3, a list in v1beta4. */
  kubeletExtraArgs?: Record<string, string> | { name: string; value: string }[];
}

/** The kubelet's own limit of pods. */
const DEFAULT_MAX_PODS = 110;

/** kubeadm's taint of control planes. */
const CONTROL_PLANE_TAINT: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

/** The kubelet's own, until a cloud's controller has looked at the Node. */
const UNINITIALIZED_TAINT: Taint = {
  key: 'node.cloudprovider.kubernetes.io/uninitialized',
  value: 'true',
  effect: 'NoSchedule',
};

/**
 * The Node as the kubelet and kubeadm would make it between them, created as soon as the API server answers: the kubelet then
 * finds it on its first try (kubelet_node_status.go, AlreadyExists), and its pod addresses need no allocation.
 * A kubelet that finds its Node adds no labels or taints of its own, so those of the (patched) kubeadm documents stand here.
 *
 * It says what the node can take, as a kubelet's first registration does: a kubelet that reads of no such thing refuses static pods
 * for good (OutOfcpu). The kubelet puts its own figures there a moment later.
 * @param documents those by which kubeadm writes the node's files (phase-config.ts)
 */
export function nodeObject(input: NodeObjectInput, documents: readonly KubeadmDocument[]): NodeObject {
  const { nodeName, node, cluster, podCidrs, providerName, machine } = input;
  const init = documents.find((d) => d.kind === 'InitConfiguration');
  const registration = (init?.nodeRegistration ?? {}) as NodeRegistration;
  const controlPlane = node.role === 'control-plane';
  const marked = controlPlane && !skippedPhases(documents).includes('mark-control-plane');
  const kubelet = documents.find((d) => d.kind === 'KubeletConfiguration');
  const taints = [
    ...(registration.taints ?? (controlPlane ? [CONTROL_PLANE_TAINT] : [])),
    ...((kubelet?.registerWithTaints ?? []) as Taint[]),
    ...(kubeletArg(registration, 'cloud-provider') === 'external' ? [UNINITIALIZED_TAINT] : []),
  ];
  // A kubelet that is configured with nonsense says so itself.
  const maxPods = Number.isInteger(kubelet?.maxPods) ? kubelet?.maxPods : DEFAULT_MAX_PODS;
  const resources = {
    cpu: String(machine.cpus),
    memory: String(machine.memoryBytes),
    pods: String(maxPods),
  };
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
        ...(marked ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
        // kind takes this one off a cluster of one node, whose Services would otherwise reach nothing.
        ...(marked && cluster.nodes.length > 1
          ? { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
          : {}),
        ...labelsOf(kubeletArg(registration, 'node-labels')),
      },
      annotations: {
        'kubeadm.alpha.kubernetes.io/cri-socket': registration.criSocket ?? '',
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: podCidrs[0],
      podCIDRs: podCidrs,
      providerID: kubeletArg(registration, 'provider-id') || `kind://${providerName}/${cluster.name}/${nodeName}`,
      ...(taints.length > 0 ? { taints } : {}),
    },
    status: { capacity: resources, allocatable: resources },
  };
}

function kubeletArg({ kubeletExtraArgs }: NodeRegistration, name: string): string {
  if (!kubeletExtraArgs) return '';
  // Of arguments that are given twice, the kubelet takes the last.
  if (Array.isArray(kubeletExtraArgs)) return kubeletExtraArgs.findLast((a) => a.name === name)?.value ?? '';
  return kubeletExtraArgs[name] ?? '';
}

/** `a=1,b=2` as a map. */
function labelsOf(text: string): Record<string, string> {
  const pairs = text.split(',').filter(Boolean);
  return Object.fromEntries(
    pairs.map((p) => [p.split('=', 1)[0]?.trim() ?? '', p.includes('=') ? p.slice(p.indexOf('=') + 1).trim() : '']),
  );
}
