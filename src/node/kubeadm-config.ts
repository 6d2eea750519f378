import { stringify } from 'yaml';
import { DEFAULT_DNS_DOMAIN } from '../config/kube-names.ts';
import type { ClusterConfig, NodeConfig } from '../config/types.ts';
import type { KubernetesVersion } from '../kube/version.ts';
import { patchKubeadmDocuments } from '../patch/kubeadm.ts';

/** One node, with all that its kubeadm documents depend on. */
export interface KubeadmInput {
  cluster: ClusterConfig;
  node: NodeConfig;
  nodeName: string;
  /** The node's addresses that the cluster uses: one, or one of each family, the primary one first. */
  addresses: readonly [string, ...string[]];
  /** `host:6443` that every node reaches the API server by; a name, never an address. */
  controlPlaneEndpoint: string;
  /** Number of control planes: with one, nobody competes for a leader lease. */
  controlPlanes: number;
  version: KubernetesVersion;
  /** Where the node's container runtime listens: `unix:///…`. */
  criSocket: string;
  /** Middle part of the provider ID. */
  providerName: string;
  /** Kubelet 1.35 and later refuse cgroup v1 hosts unless told otherwise. */
  cgroupV1: boolean;
  /** In a user namespace, or without CAP_SYS_RESOURCE: kubelet may not set sysctls and OOM scores. */
  restricted: boolean;
  /** The engine has no root of the machine: connection tracking is not the node's to set. */
  rootless: boolean;
  /** What the nodes' processes begin with, and cannot go below where `restricted`. Default 0. */
  oomScoreAdj?: number | undefined;
  /** Multiplies kubeadm's own time limits. Default 1. */
  timeoutFactor?: number | undefined;
}

export type KubeadmDocument = Record<string, unknown> & { apiVersion: string; kind: string };

/** Directory, in the node, of kubeadm's own patches (static pods, CoreDNS) that kinpod writes. */
export const KUBEADM_PATCHES_DIR = '/kind/kinpod/patches';

/** Bootstrap token that kind gives every cluster; it only lets nodes of the cluster's own network join. */
const TOKEN = 'abcdef.0123456789abcdef';

/**
 * The kubeadm documents of a node, with the cluster's and then the node's own patches applied.
 * @throws {KinpodError} `invalid-patch`
 */
export function kubeadmConfig(input: KubeadmInput): KubeadmDocument[] {
  const { cluster, node } = input;
  return [cluster, node].reduce(
    (documents, { kubeadmConfigPatches, kubeadmConfigPatchesJSON6902 }) =>
      patchKubeadmDocuments(documents, kubeadmConfigPatches, kubeadmConfigPatchesJSON6902),
    unpatched(input),
  );
}

/**
 * What kind 0.33 writes (pkg/cluster/internal/kubeadm/config.go), and kinpod's own settings
 * for a fast start. v1beta4 from Kubernetes 1.36 on, v1beta3 before, as kind chooses: users' patches match on it.
 */
function unpatched(input: KubeadmInput): KubeadmDocument[] {
  const { cluster } = input;
  return [
    clusterConfiguration(input),
    initConfiguration(input),
    joinConfiguration(input),
    kubeletConfiguration(input),
    ...(cluster.networking.kubeProxyMode === 'none' ? [] : [kubeProxyConfiguration(input)]),
  ];
}

/** An address with what stands in for it where the engine cannot forward from it (published-ports.ts) or names it otherwise. */
function publishedAddresses(address: string): string[] {
  const standIns: Record<string, string> = { '::1': '127.0.0.1', '::': '0.0.0.0' };
  const standIn = standIns[address];
  return standIn === undefined ? [address] : [address, standIn];
}

/** Documents as one YAML stream. */
export function renderDocuments(documents: readonly KubeadmDocument[]): string {
  // kubeadm reads YAML 1.1, in which a bare `yes` or `1_000` is not a string.
  return documents.map((d) => stringify(d, { compat: 'yaml-1.1' })).join('---\n');
}

function clusterConfiguration(input: KubeadmInput): KubeadmDocument {
  const { cluster, version } = input;
  const gates = featureGates(cluster);
  const api = apiVersion(version);
  const args = (values: Record<string, string | undefined>) => extraArgs(values, version);
  // Requests a second: the controller manager makes a ServiceAccount and a token for each of its 45 controllers, one by one,
  // and at the default of 20 that takes 5 s (kube-controller-manager --kube-api-qps).
  const clientLimits = { 'kube-api-qps': '500', 'kube-api-burst': '1000' };
  // A lease that nobody else wants costs 2 to 4 s at start.
  const bind = (address: string): Record<string, string> =>
    cluster.networking.ipFamily === 'ipv6' ? { 'bind-address': address } : {};
  const leader = input.controlPlanes === 1 ? { 'leader-elect': 'false' } : {};
  return {
    apiVersion: api,
    kind: 'ClusterConfiguration',
    kubernetesVersion: version.text,
    clusterName: cluster.name,
    controlPlaneEndpoint: input.controlPlaneEndpoint,
    // RSA-2048 costs 40 ms a key on a small machine, and a cluster has a dozen.
    ...(version.isBefore('1.36') ? { featureGates: { PublicKeysECDSA: true } } : { encryptionAlgorithm: 'ECDSA-P256' }),
    apiServer: {
      certSANs: [
        'localhost',
        ...publishedAddresses(cluster.networking.apiServerAddress),
        ...(cluster.apiServerNames ?? []),
      ],
      extraArgs: args({ 'runtime-config': runtimeConfig(cluster), 'feature-gates': gates }),
    },
    controllerManager: {
      extraArgs: args({
        'feature-gates': gates,
        'enable-hostpath-provisioner': 'true',
        ...bind('::'),
        ...clientLimits,
        ...leader,
      }),
    },
    scheduler: { extraArgs: args({ 'feature-gates': gates, ...bind('::1'), ...clientLimits, ...leader }) },
    etcd: { local: { dataDir: '/var/lib/etcd', extraArgs: args(etcdArgs(input)) } },
    networking: networking(cluster),
  };
}

function networking({ networking: { podSubnet, serviceSubnet, dnsDomain } }: ClusterConfig) {
  // kubeadm tells the kubelet and CoreDNS.
  return { podSubnet, serviceSubnet, ...(dnsDomain === DEFAULT_DNS_DOMAIN ? {} : { dnsDomain }) };
}

/**
 * etcd for a cluster whose data may be lost with the machine: no fsync, and an election that a single member wins after 200 ms.
 * Several members keep etcd's own 1 s, which processors that are busy do not exceed; so does a machine that is said to be slow,
 * which would spend a good part of its time on heartbeats.
 * The check for corrupt peers at start has nothing to compare with.
 */
function etcdArgs({ version, controlPlanes, timeoutFactor = 1 }: KubeadmInput): Record<string, string> {
  const corruptCheck: Record<string, string> = version.isBefore('1.34')
    ? { 'experimental-initial-corrupt-check': 'false' }
    : { 'feature-gates': 'InitialCorruptCheck=false' };
  const election: Record<string, string> =
    controlPlanes === 1 && timeoutFactor <= 1 ? { 'heartbeat-interval': '20', 'election-timeout': '200' } : {};
  return { 'unsafe-no-fsync': 'true', ...election, ...corruptCheck };
}

function initConfiguration(input: KubeadmInput): KubeadmDocument {
  // On a cluster of one node everything runs on the control plane.
  const taints = input.cluster.nodes.length === 1 ? { taints: [] } : {};
  return {
    apiVersion: apiVersion(input.version),
    kind: 'InitConfiguration',
    bootstrapTokens: [{ token: TOKEN }],
    localAPIEndpoint: localAPIEndpoint(input),
    nodeRegistration: { ...nodeRegistration(input), ...taints },
    skipPhases: ['preflight', ...(input.cluster.networking.kubeProxyMode === 'none' ? ['addon/kube-proxy'] : [])],
    patches: { directory: KUBEADM_PATCHES_DIR },
    ...timeouts(input),
  };
}

/** What describes a further node, and what `kubeadm join` would go by; kinpod's own nodes have no need to discover anything. */
function joinConfiguration(input: KubeadmInput): KubeadmDocument {
  return {
    apiVersion: apiVersion(input.version),
    kind: 'JoinConfiguration',
    ...(input.node.role === 'control-plane' ? { controlPlane: { localAPIEndpoint: localAPIEndpoint(input) } } : {}),
    nodeRegistration: nodeRegistration(input),
    discovery: {
      bootstrapToken: { apiServerEndpoint: input.controlPlaneEndpoint, token: TOKEN, unsafeSkipCAVerification: true },
    },
    skipPhases: ['preflight'],
    patches: { directory: KUBEADM_PATCHES_DIR },
    ...timeouts(input),
  };
}

/** kubeadm's defaults in seconds (apis/kubeadm/v1beta4/defaults.go). */
const KUBEADM_TIMEOUTS = {
  controlPlaneComponentHealthCheck: 240,
  kubeletHealthCheck: 240,
  kubernetesAPICall: 60,
  etcdAPICall: 120,
  tlsBootstrap: 300,
  discovery: 300,
} as const;

/** kubeadm gives up after minutes, of which a slow machine needs more. v1beta3 has no such fields. */
function timeouts({ timeoutFactor = 1, version }: KubeadmInput): { timeouts?: Record<string, string> } {
  if (timeoutFactor === 1 || version.isBefore('1.36')) return {};
  const seconds = Object.entries(KUBEADM_TIMEOUTS).map(([name, limit]) => [
    name,
    `${Math.ceil(limit * timeoutFactor)}s`,
  ]);
  return { timeouts: Object.fromEntries(seconds) };
}

function localAPIEndpoint({ addresses }: KubeadmInput) {
  return { advertiseAddress: addresses[0], bindPort: 6443 };
}

function nodeRegistration({ node, nodeName, addresses, cluster, providerName, version, criSocket }: KubeadmInput) {
  return {
    criSocket,
    kubeletExtraArgs: extraArgs(
      {
        'node-ip': addresses.join(','),
        'provider-id': `kind://${providerName}/${cluster.name}/${nodeName}`,
        'node-labels': joinMap(node.labels),
      },
      version,
    ),
  };
}

function kubeletConfiguration({ cluster, cgroupV1, restricted, oomScoreAdj, version }: KubeadmInput): KubeadmDocument {
  const gates = { ...cluster.featureGates, ...(restricted ? { KubeletInUserNamespace: true } : {}) };
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'systemd',
    cgroupRoot: '/kubelet',
    failSwapOn: false,
    ...(cgroupV1 && !version.isBefore('1.31') ? { failCgroupV1: false } : {}),
    ...(cluster.networking.ipFamily === 'ipv6' ? { address: '::', healthzBindAddress: '::' } : {}),
    // The kubelet sees the host's disk, which is not its to clean up.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
    ...(Object.keys(gates).length > 0 ? { featureGates: gates } : {}),
    ...reachableOomScore(restricted, oomScoreAdj),
  };
}

function kubeProxyConfiguration({ cluster, restricted, rootless, oomScoreAdj }: KubeadmInput): KubeadmDocument {
  const mode = cluster.networking.kubeProxyMode;
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    ...(Object.keys(cluster.featureGates).length > 0 ? { featureGates: { ...cluster.featureGates } } : {}),
    ...reachableOomScore(restricted, oomScoreAdj),
    iptables: { minSyncPeriod: '1s' },
    conntrack: {
      // nf_conntrack_max belongs to the whole machine.
      maxPerCore: 0,
      // kubernetes/kubernetes issue 117924: packets that conntrack holds for invalid are dropped otherwise.
      ...(mode === 'nftables' && !rootless ? { tcpBeLiberal: true } : {}),
      ...(rootless ? { tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' } : {}),
    },
  };
}

/**
 * Kubelet and kube-proxy ask for -999 when they start. Where that is refused, each tries twice and sleeps 100 ms after each try
 * (pkg/util/oom/oom_linux.go): they are told to ask for what they have.
 */
function reachableOomScore(restricted: boolean, oomScoreAdj = 0): { oomScoreAdj?: number } {
  return restricted ? { oomScoreAdj } : {};
}

function apiVersion(version: KubernetesVersion): string {
  return version.isBefore('1.36') ? 'kubeadm.k8s.io/v1beta3' : 'kubeadm.k8s.io/v1beta4';
}

/** v1beta4 has lists of name and value where v1beta3 has a map. */
function extraArgs(values: Record<string, string | undefined>, version: KubernetesVersion) {
  const given = Object.entries(values).filter((e): e is [string, string] => e[1] !== undefined);
  return version.isBefore('1.36') ? Object.fromEntries(given) : given.map(([name, value]) => ({ name, value }));
}

function featureGates(cluster: ClusterConfig): string | undefined {
  return joinMap(cluster.featureGates) || undefined;
}

function runtimeConfig(cluster: ClusterConfig): string {
  return joinMap(cluster.runtimeConfig);
}

/** `a=1,b=2`, ordered by name. */
function joinMap(map: Readonly<Record<string, unknown>>): string {
  return Object.keys(map)
    .sort()
    .map((k) => `${k}=${map[k]}`)
    .join(',');
}
