import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { PortMapping } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { BOOT_IDENTITY, bootFiles, CONTAINERD_CONFIG, kubeletServer, type NodeFile } from '../../node/boot-files.ts';
import { nodeEnvironment, proxySettings } from '../../node/environment.ts';
import { patchToml } from '../../patch/toml.ts';
import { type ClusterPki, issueClientCertificate, issueServerCertificate } from '../../pki/cluster-pki.ts';
import { KUBERNETES_VERSION_LABEL } from '../../provider/labels.ts';
import type { NodeSpec, Provider } from '../../provider/provider.ts';
import type { ClusterLayout, NodeLayout } from '../layout.ts';
import type { Stages } from '../stages.ts';

export interface CreateNodesInput {
  layout: ClusterLayout;
  pki: ClusterPki;
  scripts: Readonly<Record<string, string>>;
  /** This host's environment: proxies and choices in it are passed on to the nodes. */
  env: NodeJS.ProcessEnv;
  stages: Stages;
  signal: AbortSignal;
}

/**
 * Make all nodes of a cluster.
 * @returns what each is to be started with, by name
 */
export async function createNodes(provider: Provider, input: CreateNodesInput): Promise<Map<string, NodeFile[]>> {
  const { layout, signal, stages } = input;
  stages.enter('preparing');
  return provider.withAddresses(
    layout.nodes.length,
    async (addresses) => {
      const placed = layout.nodes.map((node, i) => ({ node, address: addresses[i] ?? '' }));
      const files = placed.map(async ({ node, address }): Promise<[string, NodeFile[]]> => {
        const peers = placed
          .filter((p) => p.node !== node)
          .map((p) => ({ podCidr: p.node.podCidr, address: p.address }));
        return [node.name, await filesOf(input, provider, node, address, peers)];
      });
      const environment = environmentOf(provider, input);
      const nodes = placed.map(async ({ node, address }) => {
        await provider.createNode(await specOf(layout, node, address, await environment), signal);
      });
      // All are awaited, also where one has failed: what is to be undone must not still be being made.
      const failed = (await Promise.allSettled([...files, ...nodes])).find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
      return new Map(await Promise.all(files));
    },
    signal,
  );
}

async function environmentOf(provider: Provider, { layout, env }: CreateNodesInput): Promise<Record<string, string>> {
  const hasProxy = Object.keys(proxySettings(env)).length > 0;
  return nodeEnvironment({
    cluster: layout.config,
    nodeNames: layout.nodes.map((node) => node.name),
    networkSubnets: hasProxy ? await provider.networkSubnets() : [],
    env,
  });
}

async function specOf(
  layout: ClusterLayout,
  node: NodeLayout,
  address: string,
  environment: Readonly<Record<string, string>>,
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
      ...environment,
      ...(node.config.role === 'control-plane' ? { KUBECONFIG: '/etc/kubernetes/admin.conf' } : {}),
    },
    labels: { [KUBERNETES_VERSION_LABEL]: layout.image.version.text },
  };
}

async function filesOf(
  { layout, pki, scripts }: CreateNodesInput,
  provider: Provider,
  node: NodeLayout,
  address: string,
  peers: { podCidr: string; address: string }[],
): Promise<NodeFile[]> {
  const allowed = await provider.allowances();
  return bootFiles({
    cluster: layout.config,
    node: node.config,
    nodeName: node.name,
    address,
    controlPlaneEndpoint: layout.controlPlaneEndpoint,
    controlPlanes: layout.nodes.filter((n) => n.config.role === 'control-plane').length,
    version: layout.image.version,
    providerName: provider.name,
    cgroupV1: allowed.cgroup !== 'v2',
    restricted: allowed.userNamespace || !allowed.capSysResource,
    oomScoreAdj: allowed.oomScoreAdj,
    podCidr: node.podCidr,
    peers,
    apiServiceAddress: layout.apiServiceAddress,
    scripts,
    pki,
    containerdConfig: await containerdConfig(layout, provider, node),
    bootIdentity: await issueClientCertificate(pki.kubernetes, BOOT_IDENTITY),
    kubeletServer: await issueServerCertificate(pki.kubernetes, kubeletServer(node.name, address)),
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
