/**
 * A cluster as kinpod works with it: what a `kind.x-k8s.io/v1alpha4` or `kinpod.dev/v1alpha1` file says, with every default
 * filled in. Field names and meanings are the file format's own; what only the second has is at its default under the first.
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
  /** JSON 6902 patches (JSON text) for containerd's configuration. */
  containerdConfigPatchesJSON6902: readonly string[];
  /** Container runtime of the nodes. Undefined: the one that the image has. */
  runtime?: ContainerRuntime | undefined;
  /** How nodes are Pods; means nothing where they are none. */
  pods: PodSettings;
  /** Names and addresses by which the API server is reached beside those that follow from the rest; no file has them. */
  apiServerNames?: readonly string[] | undefined;
}

/** What a configuration itself says of the cluster's networks: the rest is at its default and may be chosen otherwise. */
export type GivenNetworking = {
  readonly [K in 'podSubnet' | 'serviceSubnet' | 'dnsDomain' | 'dnsSearch']?: Networking[K] | undefined;
};

export type ContainerRuntime = 'containerd' | 'cri-o';

export interface PodSettings {
  /** How the API server is reached from outside of the cluster that the Pods are in. Undefined: not said. */
  expose?: PodExpose | undefined;
  /** Undefined: nodes keep their data in an emptyDir and lose it with their Pod. */
  storage?: PodStorage | undefined;
  /** Whether the cluster's nodes are to be on different nodes of the cluster that they are Pods of. */
  antiAffinity: 'none' | 'preferred' | 'required';
}

export type PodExpose = 'port-forward' | 'nodeport' | 'loadbalancer' | 'clusterip';

/** A volume for each node. */
export interface PodStorage {
  /** A quantity: `10Gi`. */
  size: string;
  /** Undefined: the default one of the cluster that the Pods are in. */
  storageClassName?: string | undefined;
}

/** What a node's Pod asks for and may use at most. */
export interface NodeResources {
  requests: ResourceList;
  limits: ResourceList;
}

/** Quantities: `500m`, `2Gi`. */
export interface ResourceList {
  cpu?: string | undefined;
  memory?: string | undefined;
}

/** As in core/v1. What is undefined was not said, which core/v1 gives a meaning. */
export interface Toleration {
  key?: string | undefined;
  operator?: 'Equal' | 'Exists' | 'Lt' | 'Gt' | undefined;
  value?: string | undefined;
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined;
  tolerationSeconds?: number | undefined;
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
  /** Of the node's Pod, where nodes are Pods. */
  resources: NodeResources;
  /** Labels of the nodes that the node's Pod may be on, where nodes are Pods. */
  nodeSelector: Readonly<Record<string, string>>;
  /** Taints that the node's Pod bears, where nodes are Pods. */
  tolerations: readonly Toleration[];
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
  /** Domain of the names of Services: `cluster.local`. */
  dnsDomain: string;
}

export interface PatchJSON6902 {
  group: string;
  version: string;
  kind: string;
  /** JSON or YAML text of the operations. */
  patch: string;
}
