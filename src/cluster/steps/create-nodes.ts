import { cpus, totalmem } from 'node:os';
import type { HostFacts } from '../../check/index.ts';
import { BOOT_IDENTITY, bootFiles, CONTAINERD_CONFIG, kubeletServer, type NodeFile } from '../../node/boot-files.ts';
import type { BootScripts } from '../../node/boot-input.ts';
import { type KubeadmDocument, type KubeadmInput, kubeadmConfig } from '../../node/kubeadm-config.ts';
import { kubeletIdentity } from '../../node/kubelet-identity.ts';
import { loadBalancerFiles } from '../../node/load-balancer.ts';
import { type NodeObject, nodeObject } from '../../node/node-object.ts';
import type { Member } from '../../node/phase-config.ts';
import { patchToml } from '../../patch/toml.ts';
import { type ClusterPki, issueClientCertificate, issueServerCertificate } from '../../pki/cluster-pki.ts';
import type { Provider } from '../../provider/provider.ts';
import type { ClusterLayout, NodeLayout } from '../layout.ts';
import { loadBalancerSpec, nodeSpec } from '../node-spec.ts';
import type { Stages } from '../stages.ts';

export interface CreateNodesInput {
  layout: ClusterLayout;
  pki: ClusterPki;
  facts: HostFacts;
  scripts: BootScripts;
  stages: Stages;
  signal: AbortSignal;
}

/** A node with its place in the network. */
interface PlacedNode {
  node: NodeLayout;
  address: string;
}

/** What is told to every node of a cluster about the others. */
interface Company {
  placed: readonly PlacedNode[];
  members: readonly Member[];
  first: PlacedNode;
  firstDocuments: readonly KubeadmDocument[];
  loadBalancerAddress: string | undefined;
  nodeObjects: readonly NodeObject[];
}

/**
 * Make all nodes of a cluster.
 * @returns what each is to be started with, by name
 */
export async function createNodes(
  provider: Provider,
  input: CreateNodesInput,
): Promise<Map<string, readonly NodeFile[]>> {
  const { layout, signal, stages } = input;
  const { loadBalancer } = layout;
  stages.enter('preparing');
  return provider.withAddresses(
    layout.nodes.length + (loadBalancer ? 1 : 0),
    async (addresses) => {
      const company = companyOf(input, provider, addresses);
      const files = new Map<string, readonly NodeFile[]>();
      const making = company.placed.flatMap((placed) => [
        nodeSpec(layout, placed.node, placed.address).then((spec) => provider.createNode(spec, signal)),
        filesOf(input, provider, placed, company).then((list) => void files.set(placed.node.name, list)),
      ]);
      if (loadBalancer) {
        const spec = loadBalancerSpec(layout, loadBalancer, company.loadBalancerAddress ?? '');
        making.push(spec.then((it) => provider.createNode(it, signal)));
        files.set(loadBalancer.name, loadBalancerFiles(company.members));
      }
      // All are awaited, also where one has failed: what is to be undone must not still be being made.
      const failed = (await Promise.allSettled(making)).find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
      return files;
    },
    signal,
  );
}

function companyOf(input: CreateNodesInput, provider: Provider, addresses: readonly string[]): Company {
  const { layout } = input;
  const placed = layout.nodes.map((node, i) => ({ node, address: addresses[i] ?? '' }));
  const first = placed.find((p) => p.node === layout.first);
  if (!first) throw new Error('the first control plane is one of the nodes');
  const machine = { cpus: cpus().length, memoryBytes: totalmem() };
  const kubeadmInput = (p: PlacedNode) => kubeadmInputOf(input, provider, p);
  return {
    placed,
    first,
    members: placed.filter((p) => p.node.part !== 'worker').map((p) => ({ name: p.node.name, address: p.address })),
    firstDocuments: kubeadmConfig(kubeadmInput(first)),
    loadBalancerAddress: layout.loadBalancer && addresses[layout.nodes.length],
    nodeObjects: placed.map((p) => {
      const node = { ...kubeadmInput(p), part: p.node.part, podCidr: p.node.podCidr, machine };
      return nodeObject(node, kubeadmConfig(node));
    }),
  };
}

function kubeadmInputOf(
  { layout, facts }: CreateNodesInput,
  provider: Provider,
  { node, address }: PlacedNode,
): KubeadmInput {
  return {
    cluster: layout.config,
    node: node.config,
    nodeName: node.name,
    address,
    controlPlaneEndpoint: layout.controlPlaneEndpoint,
    controlPlanes: layout.nodes.filter((n) => n.config.role === 'control-plane').length,
    version: node.version,
    providerName: provider.name,
    cgroupV1: facts.cgroup !== 'v2',
    restricted: facts.inUserNamespace || facts.uid !== 0 || !facts.capSysResource,
    oomScoreAdj: facts.oomScoreAdj,
  };
}

async function filesOf(
  input: CreateNodesInput,
  provider: Provider,
  placed: PlacedNode,
  company: Company,
): Promise<NodeFile[]> {
  const { layout, pki, scripts } = input;
  const { node, address } = placed;
  const { kubernetes } = pki;
  const others = company.placed.filter((p) => p.node !== node);
  return bootFiles({
    ...kubeadmInputOf(input, provider, placed),
    part: node.part,
    podCidr: node.podCidr,
    peers: others.map((p) => ({ podCidr: p.node.podCidr, address: p.address })),
    members: company.members,
    firstDocuments: company.firstDocuments,
    firstAddress: company.first.address,
    loadBalancerAddress: company.loadBalancerAddress,
    nodeObjects: company.nodeObjects,
    apiServiceAddress: layout.apiServiceAddress,
    scripts,
    pki,
    containerdConfig: await containerdConfig(layout, provider, node),
    bootIdentity: await issueClientCertificate(kubernetes, BOOT_IDENTITY),
    kubeletIdentity:
      node.part === 'worker' ? await issueClientCertificate(kubernetes, kubeletIdentity(node.name)) : undefined,
    kubeletServer: await issueServerCertificate(kubernetes, kubeletServer(node.name, address)),
  });
}

/** The image's configuration of containerd with the cluster's patches; the image is only asked where there are any. */
async function containerdConfig(
  { config }: ClusterLayout,
  provider: Provider,
  node: NodeLayout,
): Promise<string | undefined> {
  const { containerdConfigPatches, containerdConfigPatchesJSON6902 } = config;
  if (containerdConfigPatches.length + containerdConfigPatchesJSON6902.length === 0) return undefined;
  const original = await provider.readImageFile(node.image, CONTAINERD_CONFIG);
  return patchToml(original, containerdConfigPatches, containerdConfigPatchesJSON6902);
}
