/**
 * A cluster as kinpod works with it: what a `kind.x-k8s.io/v1alpha4` file says, with every default filled in.
 * Field names and meanings are the file format's own.
 */
export interface ClusterConfig {
  name: string;
  nodes: NodeConfig[];
  networking: Networking;
  featureGates: Readonly<Record<string, boolean>>;
  runtimeConfig: Readonly<Record<string, string>>;
  /** Merge patches (YAML text) for every node's kubeadm documents. */
  kubeadmConfigPatches: readonly string[];
  kubeadmConfigPatchesJSON6902: readonly PatchJSON6902[];
  /** TOML merge patches for containerd's configuration. */
  containerdConfigPatches: readonly string[];
  /** JSON 6902 patches (JSON or YAML text) for containerd's configuration. */
  containerdConfigPatchesJSON6902: readonly string[];
}

export type NodeRole = 'control-plane' | 'worker';

export interface NodeConfig {
  role: NodeRole;
  /** Undefined: the cluster's image, chosen at create. */
  image: string | undefined;
  labels: Readonly<Record<string, string>>;
  extraMounts: readonly Mount[];
  extraPortMappings: readonly PortMapping[];
  kubeadmConfigPatches: readonly string[];
  kubeadmConfigPatchesJSON6902: readonly PatchJSON6902[];
}

export interface Mount {
  containerPath: string;
  hostPath: string;
  readOnly: boolean;
  selinuxRelabel: boolean;
  propagation: 'None' | 'HostToContainer' | 'Bidirectional';
}

export interface PortMapping {
  containerPort: number;
  /** 0: kinpod picks a free port; -1: the engine picks. */
  hostPort: number;
  /** Empty: every address of the cluster's IP family. */
  listenAddress: string;
  protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface Networking {
  ipFamily: 'ipv4' | 'ipv6' | 'dual';
  /** 0: kinpod picks a free port; -1: the engine picks. */
  apiServerPort: number;
  apiServerAddress: string;
  /** One CIDR, or two separated by a comma where the family is dual. */
  podSubnet: string;
  serviceSubnet: string;
  disableDefaultCNI: boolean;
  kubeProxyMode: 'iptables' | 'ipvs' | 'nftables' | 'none';
  /** Undefined: the host's search domains pass through; an empty list removes them. */
  dnsSearch: readonly string[] | undefined;
}

export interface PatchJSON6902 {
  group: string;
  version: string;
  kind: string;
  /** JSON or YAML text of the operations. */
  patch: string;
}
