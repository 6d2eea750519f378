import { cpus, totalmem } from 'node:os';
import type { NodeAddresses } from '../../network/addresses.ts';
import { BOOT_IDENTITY, bootFiles, CONTAINERD_CONFIG, kubeletServer } from '../../node/boot-files.ts';
import type { BootScripts } from '../../node/boot-input.ts';
import { nodeEnvironment, proxySettings } from '../../node/environment.ts';
import { type KubeadmDocument, type KubeadmInput, kubeadmConfig } from '../../node/kubeadm-config.ts';
import { kubeletIdentity } from '../../node/kubelet-identity.ts';
import { loadBalancerFiles } from '../../node/load-balancer.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { type NodeObject, nodeObject } from '../../node/node-object.ts';
import { type Member, phaseDocuments } from '../../node/phase-config.ts';
import { RUNTIMES } from '../../node/runtime/runtimes.ts';
import { componentServer } from '../../node/serving-certificate.ts';
import { patchToml } from '../../patch/toml.ts';
import { type ClusterPki, issueClientCertificate, issueServerCertificate } from '../../pki/cluster-pki.ts';
import type { NodeAllowances, NodeSpec, Provider } from '../../provider/provider.ts';
import { addressesInUse, type ClusterLayout, type NodeLayout } from '../layout.ts';
import { readMounted } from '../mounted.ts';
import { serverName } from '../names.ts';
import { loadBalancerSpec, nodeSpec } from '../node-spec.ts';
import { publishRules } from '../published-ports.ts';
import type { Stages } from '../stages.ts';
import { makeNodes, type PlannedNode, startMadeNodes } from './make-and-start.ts';
import { fitToMounts } from './mounted-files.ts';

export interface CreateNodesInput {
  layout: ClusterLayout;
  pki: ClusterPki;
  scripts: BootScripts;
  /** This host's environment: proxies and choices in it are passed on to the nodes. */
  env: NodeJS.ProcessEnv;
  /** Of the nodes, besides kinpod's own. */
  labels: Readonly<Record<string, string>>;
  /** Multiplies the time limits of kubeadm in the nodes. */
  timeoutFactor: number;
  /** Names of the nodes that start before the others are made, see start-order.ts. */
  ahead: readonly string[];
  stages: Stages;
  signal: AbortSignal;
}

/** With what nodes may do here. */
type AllowedInput = CreateNodesInput & { allowed: NodeAllowances };

/** A node with its place in the network. */
interface PlacedNode {
  node: NodeLayout;
  addresses: NodeAddresses;
  /** Those of them that the cluster uses, the primary one first. */
  inUse: readonly [string, ...string[]];
}

/** What is told to every node of a cluster about the others. */
interface Company {
  placed: readonly PlacedNode[];
  members: readonly Member[];
  first: PlacedNode;
  firstDocuments: readonly KubeadmDocument[];
  loadBalancerAddresses: NodeAddresses | undefined;
  nodeObjects: readonly NodeObject[];
}

/** Make all nodes of a cluster and start them. Their addresses are held until all are made. */
export async function createNodes(provider: Provider, input: CreateNodesInput): Promise<void> {
  const { layout, ahead, signal, stages } = input;
  const { loadBalancer } = layout;
  stages.enter('preparing');
  const made = await provider.withAddresses(
    layout.nodes.length + (loadBalancer ? 1 : 0),
    async (addresses) => {
      const nodes = await plannedNodes(input, provider, addresses);
      const isAhead = ({ spec }: PlannedNode) => ahead.includes(spec.name);
      const others = nodes.filter((node) => !isAhead(node));
      await startMadeNodes(provider, await makeNodes(provider, nodes.filter(isAhead), signal), signal);
      return makeNodes(provider, others, signal);
    },
    signal,
  );
  if (loadBalancer) stages.enter('balancer');
  stages.enter('writing');
  await startMadeNodes(provider, made, signal);
}

/** All specs first: what is wrong with a port is said before there is any node. Certificates are made when a node is. */
async function plannedNodes(
  input: CreateNodesInput,
  provider: Provider,
  addresses: readonly NodeAddresses[],
): Promise<PlannedNode[]> {
  const { layout } = input;
  const { loadBalancer } = layout;
  const allowed = await provider.allowances();
  const company = companyOf({ ...input, allowed }, provider, addresses);
  const { members, loadBalancerAddresses } = company;
  const environment = await environmentOf(provider, input);
  const rules = publishRules(provider, layout.config, allowed);
  const nodes = company.placed.map(async (placed) => {
    const { node } = placed;
    const spec = await nodeSpec(layout, node, placed.addresses, rules, environment);
    // Before a node is made: what one writes into it others may have mounted too.
    const mounted = await readMounted(node.config.extraMounts, CONTAINERD_CONFIG);
    const config = () => containerdConfig(layout, provider, node, mounted?.content);
    return { spec, files: () => filesOf({ ...input, allowed }, provider, placed, company, config) };
  });
  if (loadBalancer && loadBalancerAddresses) {
    const files = async () => loadBalancerFiles(bothOf(loadBalancerAddresses), members, input.timeoutFactor);
    nodes.push(loadBalancerSpec(layout, loadBalancer, loadBalancerAddresses, rules).then((spec) => ({ spec, files })));
  }
  const server = { [serverName(layout.config)]: loadBalancerAddresses ?? company.first.addresses };
  const completed = (spec: NodeSpec): NodeSpec => ({
    ...spec,
    labels: { ...spec.labels, ...input.labels },
    hosts: spec.name in server ? {} : server,
  });
  return (await Promise.all(nodes)).map(({ spec, files }) => ({ spec: completed(spec), files }));
}

/** What is passed on to every node of this host's environment. */
async function environmentOf(provider: Provider, { layout, env }: CreateNodesInput): Promise<Record<string, string>> {
  const hasProxy = Object.keys(proxySettings(env)).length > 0;
  const names = [...layout.nodes, ...(layout.loadBalancer ? [layout.loadBalancer] : [])].map((node) => node.name);
  return nodeEnvironment({
    cluster: layout.config,
    nodeNames: names,
    networkSubnets: hasProxy ? await provider.networkSubnets() : [],
    env,
  });
}

function companyOf(input: AllowedInput, provider: Provider, addresses: readonly NodeAddresses[]): Company {
  const { layout } = input;
  const placed = layout.nodes.map((node, i) => {
    const own = addresses[i];
    if (!own) throw new Error('the provider gave fewer addresses than it was asked for');
    return { node, addresses: own, inUse: addressesInUse(layout.config, own) };
  });
  const first = placed.find((p) => p.node === layout.first);
  if (!first) throw new Error('the first control plane is one of the nodes');
  const machine = input.allowed.machine ?? { cpus: cpus().length, memoryBytes: totalmem() };
  const firstDocuments = kubeadmConfig(kubeadmInputOf(input, provider, first));
  const members = placed
    .filter((p) => p.node.part !== 'worker')
    .map((p) => ({ name: p.node.name, address: p.inUse[0] }));
  return {
    placed,
    first,
    members,
    firstDocuments,
    loadBalancerAddresses: layout.loadBalancer && addresses[layout.nodes.length],
    nodeObjects: placed.map((p) => {
      const { part, podCidrs } = p.node;
      const node = { ...kubeadmInputOf(input, provider, p), part, podCidrs, machine, firstDocuments, members };
      return nodeObject(node, phaseDocuments(node));
    }),
  };
}

function kubeadmInputOf(
  { layout, allowed, timeoutFactor }: AllowedInput,
  provider: Provider,
  { node, inUse }: PlacedNode,
): KubeadmInput {
  return {
    cluster: layout.config,
    node: node.config,
    nodeName: node.name,
    addresses: inUse,
    controlPlaneEndpoint: layout.controlPlaneEndpoint,
    controlPlanes: layout.nodes.filter((n) => n.config.role === 'control-plane').length,
    version: node.version,
    criSocket: RUNTIMES[node.runtime].socket,
    providerName: provider.name,
    cgroupV1: allowed.cgroup !== 'v2',
    restricted: allowed.userNamespace || !allowed.capSysResource,
    rootless: allowed.userNamespace,
    oomScoreAdj: allowed.oomScoreAdj,
    timeoutFactor,
  };
}

async function filesOf(
  input: AllowedInput,
  provider: Provider,
  placed: PlacedNode,
  company: Company,
  containerd: () => Promise<string | undefined>,
): Promise<NodeFile[]> {
  const { layout, pki, scripts } = input;
  const { node, addresses, inUse } = placed;
  const { kubernetes } = pki;
  const others = company.placed.filter((p) => p.node !== node);
  const files = bootFiles({
    ...kubeadmInputOf(input, provider, placed),
    part: node.part,
    podCidrs: node.podCidrs,
    networkAddresses: bothOf(addresses),
    peers: others.map((p) => ({ podCidrs: p.node.podCidrs, addresses: bothOf(p.addresses) })),
    members: company.members,
    firstDocuments: company.firstDocuments,
    firstAddresses: bothOf(company.first.addresses),
    loadBalancerAddresses: company.loadBalancerAddresses ? bothOf(company.loadBalancerAddresses) : [],
    nodeObjects: company.nodeObjects,
    apiServiceAddress: layout.apiServiceAddress,
    scripts,
    pki,
    containerdConfig: await containerd(),
    bootIdentity: await issueClientCertificate(kubernetes, BOOT_IDENTITY),
    kubeletIdentity:
      node.part === 'worker' ? await issueClientCertificate(kubernetes, kubeletIdentity(node.name)) : undefined,
    kubeletServer: await issueServerCertificate(kubernetes, kubeletServer(node.name, inUse)),
    componentServer:
      node.part === 'worker' ? undefined : await issueServerCertificate(kubernetes, componentServer(node.name, inUse)),
  });
  return fitToMounts(files, node.config.extraMounts);
}

/** Nodes reach each other by names, which the engine's DNS server knows of both families. */
function bothOf({ ipv4, ipv6 }: NodeAddresses): string[] {
  return ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
}

/**
 * The configuration of containerd with the cluster's patches: the one that the user has mounted, or the image's, which is only asked
 * where there are patches.
 */
async function containerdConfig(
  { config }: ClusterLayout,
  provider: Provider,
  node: NodeLayout,
  mounted: string | undefined,
): Promise<string | undefined> {
  const { containerdConfigPatches, containerdConfigPatchesJSON6902 } = config;
  if (node.runtime !== 'containerd') return undefined;
  if (containerdConfigPatches.length + containerdConfigPatchesJSON6902.length === 0) return undefined;
  const original = mounted ?? (await provider.readImageFile(node.image, CONTAINERD_CONFIG));
  return patchToml(original, containerdConfigPatches, containerdConfigPatchesJSON6902);
}
