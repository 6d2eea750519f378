import { createServer } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import type { HostFacts } from '../../check/index.ts';
import type { PortMapping } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { archiveOf } from '../../node/archive.ts';
import { BOOT_IDENTITY, bootFiles, CONTAINERD_CONFIG } from '../../node/boot-files.ts';
import type { BootScripts } from '../../node/boot-input.ts';
import { type KubeadmDocument, type KubeadmInput, kubeadmConfig } from '../../node/kubeadm-config.ts';
import { kubeletIdentity } from '../../node/kubelet-identity.ts';
import { LOAD_BALANCER_COMMAND, loadBalancerFiles } from '../../node/load-balancer.ts';
import { type NodeObject, nodeObject } from '../../node/node-object.ts';
import type { Member } from '../../node/phase-config.ts';
import { patchToml } from '../../patch/toml.ts';
import { type ClusterPki, issueClientCertificate } from '../../pki/cluster-pki.ts';
import { KUBERNETES_VERSION_LABEL } from '../../provider/labels.ts';
import type { NodeSpec, Provider } from '../../provider/provider.ts';
import type { ClusterLayout, NodeLayout } from '../layout.ts';
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

/** Make all nodes of a cluster, with every file that they need, ready to be started. */
export async function createNodes(provider: Provider, input: CreateNodesInput): Promise<void> {
  const { layout, signal, stages } = input;
  stages.enter('preparing');
  await provider.withAddresses(
    layout.nodes.length + (layout.loadBalancer ? 1 : 0),
    async (addresses) => {
      const company = companyOf(input, provider, addresses);
      await Promise.all([
        ...company.placed.map(async ({ node, address }) =>
          provider.createNode(await specOf(layout, node, address), signal),
        ),
        ...(company.loadBalancerAddress === undefined
          ? []
          : [provider.createNode(await loadBalancerSpec(layout, company.loadBalancerAddress), signal)]),
      ]);
      if (layout.loadBalancer) {
        stages.enter('load-balancer');
        await provider.copyIn(layout.loadBalancer.name, await archiveOf(loadBalancerFiles(company.members)), signal);
      }
      stages.enter('writing');
      await Promise.all(
        company.placed.map(async (placed) => {
          await provider.copyIn(placed.node.name, await filesOf(input, provider, placed, company), signal);
        }),
      );
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
    version: layout.image.version,
    providerName: provider.name,
    cgroupV1: facts.cgroup !== 'v2',
    restricted: facts.inUserNamespace || facts.uid !== 0 || !facts.capSysResource,
  };
}

/** The node that a user's clients talk to has the port of the config; further API servers are published for nobody in particular. */
function apiServerPort({ config }: ClusterLayout, published: boolean): PortMapping {
  const { apiServerPort, apiServerAddress } = config.networking;
  const host = published
    ? { hostPort: apiServerPort, listenAddress: apiServerAddress }
    : { hostPort: 0, listenAddress: config.networking.ipFamily === 'ipv6' ? '::1' : '127.0.0.1' };
  return { containerPort: 6443, protocol: 'TCP', ...host };
}

async function loadBalancerSpec(layout: ClusterLayout, address: string): Promise<NodeSpec> {
  if (!layout.loadBalancer) throw new Error('the cluster has no load balancer');
  const { name, image } = layout.loadBalancer;
  return {
    name,
    cluster: layout.config.name,
    role: 'external-load-balancer',
    image,
    command: LOAD_BALANCER_COMMAND,
    address,
    ports: [await withHostPort(apiServerPort(layout, true))],
    mounts: [],
    env: {},
    labels: {},
  };
}

async function specOf(layout: ClusterLayout, node: NodeLayout, address: string): Promise<NodeSpec> {
  const { config } = layout;
  const apiServer = node.part === 'worker' ? [] : [apiServerPort(layout, !layout.loadBalancer)];
  const { dnsSearch } = config.networking;
  return {
    name: node.name,
    cluster: config.name,
    role: node.config.role,
    image: node.image,
    address,
    ports: await Promise.all([...node.config.extraPortMappings, ...apiServer].map(withHostPort)),
    // Engines take absolute paths only.
    mounts: node.config.extraMounts.map((m) => ({ ...m, hostPath: resolve(m.hostPath) })),
    env: {
      ...(node.config.role === 'control-plane' ? { KUBECONFIG: '/etc/kubernetes/admin.conf' } : {}),
      ...(dnsSearch ? { KIND_DNS_SEARCH: dnsSearch.join(' ') } : {}),
    },
    labels: { [KUBERNETES_VERSION_LABEL]: layout.image.version.text },
  };
}

async function filesOf(
  input: CreateNodesInput,
  provider: Provider,
  placed: PlacedNode,
  company: Company,
): Promise<Uint8Array> {
  const { layout, pki, scripts } = input;
  const { node } = placed;
  const others = company.placed.filter((p) => p.node !== node);
  const { kubernetes } = pki;
  return archiveOf(
    bootFiles({
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
    }),
  );
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

/**
 * A free port where the config leaves the choice to kinpod, and an early word where the port is taken: engines say it
 * only when the node starts.
 */
async function withHostPort(port: PortMapping): Promise<PortMapping> {
  const listenAddress = port.listenAddress || '0.0.0.0';
  if (port.hostPort === -1 || port.protocol !== 'TCP') return { ...port, listenAddress };
  return { ...port, listenAddress, hostPort: await freePort(listenAddress, port.hostPort) };
}

/** @throws {KinpodError} `port-in-use` if `wanted` is not 0 and somebody listens there */
function freePort(host: string, wanted: number): Promise<number> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(
        new KinpodError(`cannot listen on ${host}:${wanted}: ${inUse ? 'the port is in use' : error.message}`, {
          code: inUse ? 'port-in-use' : 'port-unusable',
          hint: inUse
            ? `choose another port in the config, or end the program that listens there (ss -ltnp 'sport = :${wanted}')`
            : 'check apiServerAddress, apiServerPort and extraPortMappings in the config',
          cause: error,
        }),
      );
    });
    server.listen({ host, port: wanted, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(address !== null && typeof address === 'object' ? address.port : wanted));
    });
  });
}
