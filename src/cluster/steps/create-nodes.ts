import { resolve } from 'node:path';
import type { HostFacts } from '../../check/index.ts';
import type { PortMapping } from '../../config/types.ts';
import type { NodeAddresses } from '../../network/addresses.ts';
import { archiveOf } from '../../node/archive.ts';
import { BOOT_IDENTITY, bootFiles, CONTAINERD_CONFIG } from '../../node/boot-files.ts';
import type { BootInput } from '../../node/boot-input.ts';
import { patchToml } from '../../patch/toml.ts';
import { type ClusterPki, issueClientCertificate } from '../../pki/cluster-pki.ts';
import { KUBERNETES_VERSION_LABEL } from '../../provider/labels.ts';
import type { NodeSpec, Provider } from '../../provider/provider.ts';
import { addressesInUse, type ClusterLayout, type NodeLayout } from '../layout.ts';
import type { Stages } from '../stages.ts';
import { withHostPort } from './published-ports.ts';

export interface CreateNodesInput {
  layout: ClusterLayout;
  pki: ClusterPki;
  facts: HostFacts;
  scripts: Readonly<Record<string, string>>;
  stages: Stages;
  signal: AbortSignal;
}

/** Make all nodes of a cluster, with every file that they need, ready to be started. */
export async function createNodes(provider: Provider, input: CreateNodesInput): Promise<void> {
  const { layout, signal, stages } = input;
  stages.enter('preparing');
  await provider.withAddresses(
    layout.nodes.length,
    async (addresses) => {
      const placed = layout.nodes.flatMap((node, i) => {
        const all = addresses[i];
        return all ? [{ node, all, inUse: addressesInUse(layout.config, all) }] : [];
      });
      await Promise.all(
        placed.map(async ({ node, all }) => provider.createNode(await specOf(provider, layout, node, all), signal)),
      );
      stages.enter('writing');
      await Promise.all(
        placed.map(async ({ node, inUse }) => {
          const peers = placed
            .filter((p) => p.node !== node)
            .map((p) => ({ podCidrs: p.node.podCidrs, addresses: p.inUse }));
          await provider.copyIn(node.name, await filesOf(input, provider, node, inUse, peers), signal);
        }),
      );
    },
    signal,
  );
}

async function specOf(
  provider: Provider,
  layout: ClusterLayout,
  node: NodeLayout,
  addresses: NodeAddresses,
): Promise<NodeSpec> {
  const { config } = layout;
  const apiServer: PortMapping[] =
    node.config.role === 'control-plane'
      ? [
          {
            containerPort: 6443,
            hostPort: config.networking.apiServerPort,
            listenAddress: config.networking.apiServerAddress,
            protocol: 'TCP',
          },
        ]
      : [];
  const { dnsSearch, ipFamily } = config.networking;
  const rules = { ipFamily, forwardsFromIPv6Loopback: provider.forwardsFromIPv6Loopback };
  return {
    name: node.name,
    cluster: config.name,
    role: node.config.role,
    image: node.image,
    addresses,
    ports: await Promise.all([...node.config.extraPortMappings, ...apiServer].map((p) => withHostPort(p, rules))),
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
  { layout, pki, facts, scripts }: CreateNodesInput,
  provider: Provider,
  node: NodeLayout,
  addresses: readonly string[],
  peers: BootInput['peers'],
): Promise<Uint8Array> {
  return archiveOf(
    bootFiles({
      cluster: layout.config,
      node: node.config,
      nodeName: node.name,
      addresses,
      controlPlaneEndpoint: layout.controlPlaneEndpoint,
      controlPlanes: layout.nodes.filter((n) => n.config.role === 'control-plane').length,
      version: layout.image.version,
      providerName: provider.name,
      cgroupV1: facts.cgroup !== 'v2',
      restricted: facts.inUserNamespace || facts.uid !== 0 || !facts.capSysResource,
      rootless: facts.inUserNamespace || facts.uid !== 0,
      podCidrs: node.podCidrs,
      peers,
      apiServiceAddress: layout.apiServiceAddress,
      scripts,
      pki,
      containerdConfig: await containerdConfig(layout, provider, node),
      bootIdentity: await issueClientCertificate(pki.kubernetes, BOOT_IDENTITY),
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
