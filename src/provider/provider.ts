import type {
  ClusterConfig,
  GivenNetworking,
  Mount,
  NodeResources,
  NodeRole,
  PodExpose,
  PodSettings,
  PortMapping,
  Toleration,
} from '../config/types.ts';
import type { RunOptions, RunResult } from '../exec/run.ts';
import type { OuterReference } from '../kubeconfig/kubeconfig.ts';
import type { NodeAddresses } from '../network/addresses.ts';
import type { Endpoint } from '../network/endpoint.ts';
import type { NodeFile } from '../node/node-file.ts';

/** The roles of a config file's nodes, and the one that kinpod adds where there are several control planes. */
export type ContainerRole = NodeRole | 'external-load-balancer';

/** Whether it runs an init system and pods; a load balancer is one program without rights. */
export function isMachine({ role }: { role: ContainerRole }): boolean {
  return role !== 'external-load-balancer';
}

/** A node as the engine sees it. */
export interface NodeInfo {
  name: string;
  cluster: string;
  role: ContainerRole;
  running: boolean;
  labels: Readonly<Record<string, string>>;
}

/** What a node's Pod may use, and where it may run. */
export interface PodPlacement extends Pick<PodSettings, 'storage' | 'antiAffinity'> {
  resources: NodeResources;
  nodeSelector: Readonly<Record<string, string>>;
  tolerations: readonly Toleration[];
}

/** All that a provider needs to make one node. */
export interface NodeSpec {
  name: string;
  cluster: string;
  role: ContainerRole;
  image: string;
  /** Program and arguments that it runs instead of the image's own. Default: the image's. */
  command?: readonly string[] | undefined;
  /** Fixed addresses on the cluster's network. */
  addresses: NodeAddresses;
  /** Names that it knows without a DNS server, as far as the provider's addresses are fixed. Default: its own. */
  hosts?: Readonly<Record<string, NodeAddresses>> | undefined;
  ports: readonly PortMapping[];
  mounts: readonly Mount[];
  env: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Where nodes are Pods. Default: anything, anywhere. */
  pod?: PodPlacement | undefined;
  /** How clients of outside reach the API server in it, where nodes are Pods. Only the node that they talk to has it. */
  expose?: PodExpose | undefined;
}

/** What the host allows, as far as it shapes the containers of nodes. */
export interface HostAllowances {
  /** Without CAP_SYS_RESOURCE no limit can be raised above the hard limits below. */
  capSysResource: boolean;
  /** CAP_SYS_RESOURCE can be had on this machine by root at all: where a daemon of root's has it, though this process may not. */
  boundSysResource: boolean;
  /** oom_score_adj that containers begin with. */
  oomScoreAdj: number;
  inUserNamespace: boolean;
  /** User ID of this process. */
  uid: number;
  cgroup: 'v1' | 'hybrid' | 'v2';
  nofileHard: number | 'unlimited';
  nprocHard: number | 'unlimited';
  /** Whether /lib/modules exists. */
  modulesDir: boolean;
  /** Of the devices that nodes use, those that exist: `/dev/fuse`. */
  devices: readonly string[];
}

/** What nodes may do. The engine may have more than this process, or less. */
export interface NodeAllowances extends HostAllowances {
  /** Nodes are in a user namespace that is not the machine's own. */
  userNamespace: boolean;
  /** They would be in one unless the engine is asked not to. */
  remapped: boolean;
  /** The engine can give every capability that the kernel knows. */
  allCapabilities: boolean;
  /** The engine's storage is on devices that show under /dev/mapper only. */
  deviceMapper: boolean;
  /** The machine of the nodes, where that is not this one. */
  machine?: { cpus: number; memoryBytes: number } | undefined;
}

/** An image of the engine's own store. */
export interface LocalImage {
  id: string;
  labels: Readonly<Record<string, string>>;
  /** Program and arguments that a container of it runs. */
  command: readonly string[];
}

/** A node of the cluster that nodes are Pods of, as far as it is looked at. */
export interface OuterNode {
  metadata: { name: string };
  spec?: {
    podCIDR?: string;
    podCIDRs?: readonly string[];
    providerID?: string;
    unschedulable?: boolean;
    taints?: readonly { key: string; value?: string; effect: string }[];
  };
  status?: {
    addresses?: readonly { type: string; address: string }[];
    images?: readonly { names?: readonly string[]; sizeBytes?: number }[];
    nodeInfo?: { bootID?: string };
  };
}

/** Names of a cluster's nodes. */
export interface ClusterNames {
  /** The node by which the API server is to be reached. */
  server: string;
  all: readonly string[];
}

export interface ForwardOptions {
  /** Port on 127.0.0.1. Default: the one that was chosen when the cluster was made, or another where that is in use. */
  port?: number | undefined;
  signal: AbortSignal;
  /** Told once the port is open. */
  onListening?: ((endpoint: Endpoint) => void) | undefined;
  /** Told of every change: whether there is a way to the server, and why there is none. */
  onChange?: ((state: { open: boolean; reason?: unknown }) => void) | undefined;
}

/**
 * An engine that can run nodes. Small on purpose: what providers share lives above them.
 * Every method may throw CommandError; all take an AbortSignal where they can take long.
 */
export interface Provider {
  /** `podman`, `docker`: also the middle part of a Node's provider ID. */
  readonly name: string;
  /** Whether a port that is published on ::1 of this host can be reached there. */
  readonly forwardsFromIPv6Loopback: boolean;
  /** Whether nodes and pods can ask the engine's DNS server by IPv6. */
  readonly answersDnsByIPv6: boolean;
  /**
   * The engine is not this container's own, but its machine's: clusters of others are there too. `elsewhere`: ports that it
   * publishes are not on this container's addresses, so nodes are reached by their own.
   */
  readonly outside?: 'elsewhere' | 'same network' | undefined;
  /** Nodes are Pods of another cluster, to which a configuration's `pods`, `resources` and the like are said. */
  readonly nodesArePods: boolean;

  /** What nodes may do here. The engine is asked once. */
  allowances(): Promise<NodeAllowances>;

  /**
   * A cluster's configuration with what it leaves open chosen to suit the surroundings of its nodes. Absent where nothing
   * depends on them.
   * @param names what the cluster's nodes will be called
   * @throws {KinpodError} `name-unusable` where nodes cannot have these names
   */
  fitConfig?(config: ClusterConfig, given: GivenNetworking, names: ClusterNames): Promise<ClusterConfig>;

  listClusters(): Promise<string[]>;
  /** Nodes of one cluster (all clusters where none is named), stopped ones too, ordered by name. */
  listNodes(cluster?: string): Promise<NodeInfo[]>;

  /** The image of the local store, or undefined where it is not there. */
  findImage(reference: string): Promise<LocalImage | undefined>;
  pullImage(reference: string, signal?: AbortSignal): Promise<void>;
  /** Where the engine is outside of this container: the node image that this container's own image holds, if there is one. */
  carriedImage?(): Promise<string | undefined>;
  /** Give it to the engine. @throws {KinpodError} `foreign-container` where the engine is not the one that runs this container */
  bringCarriedImage?(signal?: AbortSignal): Promise<void>;
  /** The text of a file in an image. */
  readImageFile(reference: string, path: string): Promise<string>;

  /** Make the clusters' network if it is missing. Safe against others doing the same. */
  ensureNetwork(signal?: AbortSignal): Promise<void>;
  /** Every subnet of that network, of both families. */
  networkSubnets(): Promise<string[]>;
  /** Choose addresses for `count` nodes that no node has, running or stopped, and hold them until `use` has created the nodes. */
  withAddresses<T>(count: number, use: (addresses: NodeAddresses[]) => Promise<T>, signal?: AbortSignal): Promise<T>;

  /**
   * Take the name of a cluster that is to be made, where others may make clusters in the same place from other machines.
   * @returns gives the name back where nothing of the cluster is left
   * @throws {KinpodError} `name-claimed`
   */
  claim?(cluster: string): Promise<() => Promise<void>>;
  /** Make the node and let it run as far as it can without files: what it is for begins with `startNode`. */
  createNode(spec: NodeSpec, signal?: AbortSignal): Promise<void>;
  /**
   * Give a node that was made its files, and let its program begin. It has them from then on, however often the engine stops
   * and starts it; with a part of them it does not begin.
   */
  startNode(node: string, files: readonly NodeFile[], signal?: AbortSignal): Promise<void>;
  /** Copy a file of a node to this host. */
  copyOut(node: string, path: string, destination: string, signal?: AbortSignal): Promise<void>;
  /**
   * Remove a cluster's nodes with all that belongs to them, in any state that a killed create can leave.
   * @param creation only nodes with this value of {@link CREATION_LABEL}, and what belongs to the cluster where no others are
   *   left. A provider with {@link claim} need not look: there are no others
   * @returns the names of the nodes that were there; none where there was no such cluster
   */
  deleteCluster(cluster: string, creation?: string): Promise<string[]>;

  exec(node: string, argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * The last lines that the node's first program and systemd printed; empty where the engine has none.
   * @param lines default: all
   */
  logs(node: string, lines?: number, options?: RunOptions): Promise<string>;
  /** What the engine says of itself and of this host, for people. */
  engineInfo(options?: RunOptions): Promise<RunResult>;
  /** All that the engine knows of a node, as JSON of its own kind. */
  inspectNode(node: string, options?: RunOptions): Promise<RunResult>;
  /** Starting and stopping nodes that exist. A provider whose nodes are never stopped has none. */
  readonly power?: NodePower | undefined;
  /**
   * Where the node's API server can be reached from this host; undefined if the port is not published. A load balancer of a cloud
   * takes minutes to say.
   */
  endpoint(node: string, signal?: AbortSignal): Promise<Endpoint | undefined>;
  /** Where it can be reached from beside the node: in the nodes' network, or in the cluster that the Pods are in. */
  internalEndpoint(node: string): Promise<Endpoint>;
  /** Of nodes that are Pods: the cluster that they are in, for who wants to reach it again. */
  outerCluster?(): Promise<OuterReference>;
  /** The nodes of that cluster; none where they may not be seen. */
  outerNodes?(): Promise<readonly OuterNode[]>;
  /**
   * Forward a port of this host to a node's API server, through whatever happens to either, until `signal` aborts or the node is
   * deleted. Absent where a port is published anyhow.
   */
  forward?(node: string, options: ForwardOptions): Promise<void>;
  /** Where the machine of an engine that is outside reaches it. */
  publishedEndpoint?(node: string): Promise<Endpoint | undefined>;
}

/** What an engine can do with nodes that exist, all at once. */
export interface NodePower {
  /** Those that run already are no error. */
  start(nodes: readonly string[], signal?: AbortSignal): Promise<void>;
  /** @param seconds what a node has to end by itself before it is ended */
  stop(nodes: readonly string[], seconds: number): Promise<void>;
}
