import { labelValueProblem } from '../../config/kube-names.ts';
import type { ClusterConfig, GivenNetworking } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { Remembered } from '../../exec/remembered.ts';
import { CommandError, type RunOptions, type RunResult } from '../../exec/run.ts';
import { until } from '../../exec/until.ts';
import type { OuterReference } from '../../kubeconfig/kubeconfig.ts';
import { freeAddresses, type NodeAddresses } from '../../network/addresses.ts';
import type { Endpoint } from '../../network/endpoint.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { parcel } from '../entry.ts';
import { CLUSTER_LABEL, KUBERNETES_VERSION_LABEL, RUNTIME_LABEL } from '../labels.ts';
import type {
  ClusterNames,
  ForwardOptions,
  LocalImage,
  NodeAllowances,
  NodeInfo,
  NodeSpec,
  OuterNode,
  Provider,
} from '../provider.ts';
import { removeAbandoned } from './abandoned.ts';
import { ApiAccess } from './api-access.ts';
import { awaitStart } from './await-start.ts';
import { podCommand, podReceiver } from './commands.ts';
import { copyOut } from './copy-out.ts';
import { fitConfig } from './fit.ts';
import { imageKey, readKnown, writeKnown } from './known-images.ts';
import { Kubectl, type OuterCluster } from './kubectl.ts';
import { NODE_KINDS, nodesOf } from './listing.ts';
import { clusterLabels, filesSecret, keepsFiles, nodeObjects, owner } from './manifest.ts';
import { CONTAINER, checkNodeName, NODE_LABEL, ownerName, podName } from './names.ts';
import type { KubernetesObject, OwnerReference, Service } from './objects.ts';
import { resolveOuter } from './outer-cluster.ts';
import { listOuterNodes } from './outer-nodes.ts';
import { networkId, type OverlayNode, type OverlaySubnets, overlayFiles, overlaySubnets } from './overlay.ts';
import { type ImageFacts, probeImage, runOnce } from './probe.ts';

/** Milliseconds until a Pod runs: an autoscaler may first have to get a machine, and that to pull the image. */
const POD_LIMIT_MS = 10 * 60_000;

/** Milliseconds for the Pod's first programs: on a large machine they copy half a gigabyte in two seconds. */
const NEST_LIMIT_MS = 60_000;

/** Milliseconds until all of a deleted cluster is gone. */
const DELETE_LIMIT_MS = 120_000;

/**
 * What kubectl says, and not the program in the node, where an empty message of the server's comes before kubectl has made its streams
 * (client-go, tools/remotecommand/websocket.go).
 */
const KUBECTLS_OWN = /^E\d{4} [\d:.]+ +\d+ websocket\.go:\d+\] Unknown stream id \d+, discarding message$/;

/** What belongs to a cluster besides {@link MAKERS} and Pods. */
const OTHER_KINDS = 'services,secrets,persistentvolumeclaims,configmaps';

/** What would make Pods again that are deleted before it. */
const MAKERS = 'statefulsets';

/** Nodes as Pods of a Kubernetes cluster, the outer one. */
export class KubernetesProvider implements Provider {
  readonly name = 'kubernetes';
  readonly nodesArePods = true;
  readonly forwardsFromIPv6Loopback = false;
  /** The outer cluster's may; nothing is said of one that does not. */
  readonly answersDnsByIPv6 = true;
  readonly #kubectl: Kubectl;
  readonly #outerNodes = new Remembered<OuterNode[]>();
  /** Images that were found, by reference. */
  readonly #images = new Remembered<ImageFacts | undefined>();
  /** What was learnt last of what nodes may do. */
  #facts: ImageFacts | undefined;
  readonly #owners = new Remembered<OwnerReference>();
  /** Nodes that this process has made, with the addresses of their Services. */
  readonly #made = new Map<string, { spec: NodeSpec; serviceAddress: string }>();
  /** Pods that have been started, until the outer cluster tells so when it is asked. */
  readonly #starting = new Map<string, Promise<unknown>>();
  readonly #access: ApiAccess;

  constructor(wish: OuterCluster, env: NodeJS.ProcessEnv) {
    const outer = resolveOuter(wish, env);
    this.#kubectl = new Kubectl(outer, env);
    const nodeAddresses = async () => (await this.outerNodes()).map(({ status }) => status?.addresses ?? []);
    this.#access = new ApiAccess({ kubectl: this.#kubectl, outer, env, nodeAddresses });
  }

  async fitConfig(config: ClusterConfig, given: GivenNetworking, names: ClusterNames): Promise<ClusterConfig> {
    // Before anything is asked for, or made.
    for (const name of names.all) checkNodeName(name);
    return fitConfig(config, given, {
      kubectl: this.#kubectl,
      nodes: this.outerNodes(),
      inside: this.#access.inside,
      server: names.server,
    });
  }

  /** Of the outer nodes that the image was looked at on: images are looked for before nodes are made. */
  async allowances(): Promise<NodeAllowances> {
    return this.#known().allowances;
  }

  async listClusters(): Promise<string[]> {
    return [...new Set((await this.listNodes()).map((node) => node.cluster))].sort();
  }

  async listNodes(cluster?: string): Promise<NodeInfo[]> {
    if (cluster !== undefined && !canBeLabel(cluster)) return [];
    await Promise.allSettled(this.#starting.values());
    return nodesOf(await this.#kubectl.list(NODE_KINDS, selectorOf(cluster)));
  }

  /** An image that some outer node has. Only a Pod can tell what is in it. */
  async findImage(reference: string): Promise<LocalImage | undefined> {
    const facts = await this.#images.get(reference, () => this.#lookAt(reference));
    if (!facts) return undefined;
    this.#facts = facts;
    // As they are on kinpod's own images, of which alone the load balancer's can be made: that is told by the version.
    const labels = {
      [RUNTIME_LABEL]: facts.runtime,
      ...(facts.own ? { [KUBERNETES_VERSION_LABEL]: facts.version } : {}),
    };
    return { id: facts.id, labels, command: [] };
  }

  async pullImage(reference: string, signal?: AbortSignal): Promise<void> {
    await this.#images.set(reference, probeImage(this.#kubectl, reference, { signal }));
  }

  async readImageFile(reference: string, path: string): Promise<string> {
    const { exitCode, output } = await runOnce(this.#kubectl, reference, { argv: ['cat', path], pull: 'Never' });
    if (exitCode === 0) return output;
    throw new KinpodError(`cannot read ${path} in the image "${reference}"`, {
      code: 'no-such-file',
      details: output,
    });
  }

  /** Every cluster's network is its nodes' own affair. That the outer cluster answers is known before anything is made. */
  async ensureNetwork(): Promise<void> {
    await Promise.all([this.#kubectl.namespace(), this.outerNodes()]);
  }

  async networkSubnets(): Promise<string[]> {
    const { ipv4, ipv6 } = await this.#subnets();
    return [ipv4, ipv6];
  }

  /** The same for every cluster, so nobody has to wait for another's Pods. */
  async withAddresses<T>(count: number, use: (addresses: NodeAddresses[]) => Promise<T>): Promise<T> {
    const subnets = await this.#subnets();
    const free = (subnet: string) => freeAddresses(subnet, new Set(), count);
    const hasIpv6 = this.#facts?.ipv6 ?? false;
    const [ipv4, ipv6] = [free(subnets.ipv4), hasIpv6 ? free(subnets.ipv6) : undefined];
    const addresses = ipv4.map((address, i) => ({ ipv4: address, ipv6: ipv6?.[i] }));
    return use(addresses);
  }

  /** The object that owns all others of a cluster is made by one kinpod only. */
  async claim(cluster: string): Promise<() => Promise<void>> {
    const name = ownerName(cluster);
    const own = await this.#kubectl.createOne(owner(cluster)).catch((error: unknown) => {
      if (!(error instanceof CommandError) || !/\(AlreadyExists\)/.test(error.details ?? '')) throw error;
      throw new KinpodError(`the outer cluster has a ConfigMap ${name}`, { code: 'name-claimed', cause: error });
    });
    this.#owners.set(cluster, Promise.resolve(referenceTo(own)));
    return async () => {
      const [nodes, now] = await Promise.all([
        this.listNodes(cluster),
        this.#kubectl.find<KubernetesObject>('configmap', name),
      ]);
      // With it the garbage collector would remove nodes that are kept, and another's is not given back.
      if (nodes.length > 0 || now?.metadata.uid !== own.metadata.uid) return;
      await this.#kubectl.request(['delete', 'configmap', name, '--ignore-not-found', '--wait=false']);
      this.#owners.delete(cluster);
    };
  }

  async createNode(spec: NodeSpec, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    checkNodeName(spec.name);
    if (spec.mounts.length > 0) throw noHostPaths(spec);
    const [command, ownedBy] = await Promise.all([podCommand(spec), this.#ownerOf(spec.cluster, signal)]);
    const objects = nodeObjects({ spec, command, owner: ownedBy });
    const [serviceAddress = ''] = await this.#kubectl.create(objects, signal, '.spec.clusterIP');
    this.#made.set(spec.name, { spec, serviceAddress });
    const withinMs = this.#kubectl.scaled(POD_LIMIT_MS);
    const { told } = await awaitStart(this.#kubectl, spec.name, { withinMs, signal });
    this.#starting.set(spec.name, told);
    told.catch(() => {}).finally(() => this.#starting.delete(spec.name));
  }

  async startNode(node: string, files: readonly NodeFile[], signal?: AbortSignal): Promise<void> {
    const { spec } = this.#made.get(node) ?? {};
    if (!spec) throw new Error(`${node} was made by another process`);
    if (spec.expose === 'port-forward') this.#access.prepare(node);
    const [subnets, namespace, ownedBy] = await Promise.all([
      this.#subnets(),
      this.#kubectl.namespace(),
      this.#ownerOf(spec.cluster, signal),
    ]);
    const nodes = [...this.#made.values()].filter((one) => one.spec.cluster === spec.cluster);
    const overlay = overlayFiles(networkId(namespace, spec.cluster), subnets, nodes.map(placeOf), node);
    const archive = await parcel([...files, ...overlay]);
    const receiver = await podReceiver(this.#kubectl.scaled(NEST_LIMIT_MS));
    const send = () => this.exec(node, receiver, { input: archive, signal });
    await Promise.all([
      send().catch(async (error: unknown) => {
        // It may have come too early.
        const told = this.#starting.get(node);
        if (!told || signal?.aborted) throw error;
        await told;
        return send();
      }),
      keepsFiles(spec) && this.#kubectl.create([filesSecret(node, spec.cluster, archive, ownedBy)], signal),
    ]);
  }

  async copyOut(node: string, path: string, destination: string, signal?: AbortSignal): Promise<void> {
    await copyOut((argv, options) => this.exec(node, argv, { ...options, signal }), path, destination);
  }

  async deleteCluster(cluster: string): Promise<string[]> {
    if (!canBeLabel(cluster)) return [];
    const selector = selectorOf(cluster);
    const withinMs = this.#kubectl.scaled(DELETE_LIMIT_MS);
    const timeout = `--timeout=${Math.ceil(withinMs / 1000)}s`;
    const [nodes, services] = await Promise.all([
      this.listNodes(cluster),
      this.#kubectl.list<Service>('services', selector),
    ]);
    const remove = (kinds: string, ...flags: string[]) =>
      this.#kubectl.run(['delete', kinds, '--ignore-not-found', ...flags]);
    await remove(MAKERS, '--wait=false', '--selector', selector);
    await Promise.all([
      // Of a grace period, in seconds, there has to be one: without it the Pods' processes may outlive them.
      remove('pods', '--wait', timeout, '--grace-period=1', '--selector', selector),
      remove(OTHER_KINDS, '--wait=false', '--selector', selector),
      removeAbandoned(this.#kubectl),
    ]);
    const kinds = `${MAKERS},pods,${OTHER_KINDS}`;
    await until(async () => (await this.#kubectl.list(kinds, selector)).length === 0, {
      withinMs,
      what: `the objects of cluster "${cluster}" to be gone`,
      hint: `kubectl get ${kinds} --selector ${selector}   (shows what is left)`,
    });
    await this.#access.end(services);
    this.#owners.delete(cluster);
    for (const [node, { spec }] of this.#made) if (spec.cluster === cluster) this.#made.delete(node);
    return nodes.map((node) => node.name);
  }

  async exec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const stdin = options.input !== undefined || options.inherit ? ['--stdin'] : [];
    const { onLine } = options;
    return this.#kubectl.run(['exec', ...stdin, podName(node), '--container', CONTAINER, '--', ...argv], {
      ...options,
      onLine: onLine && ((line) => void (KUBECTLS_OWN.test(line) || onLine(line))),
    });
  }

  async logs(node: string, lines?: number, options: RunOptions = {}): Promise<string> {
    const tail = lines === undefined ? [] : ['--tail', String(lines)];
    const { stdout, stderr } = await this.#kubectl.request(['logs', podName(node), '--container', CONTAINER, ...tail], {
      allowFailure: true,
      ...options,
    });
    return `${stdout}\n${stderr}`.trim();
  }

  engineInfo(options: RunOptions = {}): Promise<RunResult> {
    return this.#kubectl.request(['version', '--output', 'yaml'], options);
  }

  inspectNode(node: string, options: RunOptions = {}): Promise<RunResult> {
    const selector = `${NODE_LABEL}=${node}`;
    return this.#kubectl.request(['get', NODE_KINDS, '--selector', selector, '--output', 'json'], options);
  }

  endpoint(node: string, signal?: AbortSignal): Promise<Endpoint | undefined> {
    return this.#access.endpoint(node, signal);
  }

  internalEndpoint(node: string): Promise<Endpoint> {
    return this.#access.internalEndpoint(node);
  }

  outerCluster(): Promise<OuterReference> {
    return this.#access.outerCluster();
  }

  forward(node: string, options: ForwardOptions): Promise<void> {
    return this.#access.forward(node, options);
  }

  #known(): ImageFacts {
    if (!this.#facts) throw new Error('findImage comes first');
    return this.#facts;
  }

  async #lookAt(reference: string): Promise<ImageFacts | undefined> {
    const key = imageKey(await this.outerNodes(), reference);
    const known = key === undefined ? undefined : await readKnown(key);
    if (known) return known;
    try {
      const facts = await probeImage(this.#kubectl, reference, { pull: 'Never' });
      if (key !== undefined) await writeKnown(key, facts);
      return facts;
    } catch (error) {
      if (error instanceof KinpodError && error.code === 'image-not-found') return undefined;
      throw error;
    }
  }

  /** Who may not see the nodes does without: what would be learnt from them is found out otherwise, or is a default. */
  outerNodes(): Promise<OuterNode[]> {
    return this.#outerNodes.get('', () => listOuterNodes(this.#kubectl));
  }

  async #subnets(): Promise<OverlaySubnets> {
    const nodes = await this.outerNodes();
    return overlaySubnets(nodes.flatMap((n) => n.status?.addresses ?? []).map((a) => a.address));
  }

  #ownerOf(cluster: string, signal?: AbortSignal): Promise<OwnerReference> {
    return this.#owners.get(cluster, () => this.#findOrMakeOwner(cluster, signal));
  }

  async #findOrMakeOwner(cluster: string, signal?: AbortSignal): Promise<OwnerReference> {
    const existing = await this.#kubectl.find<KubernetesObject>('configmap', ownerName(cluster), signal);
    return referenceTo(existing ?? (await this.#kubectl.createOne(owner(cluster), signal)));
  }
}

function referenceTo({ metadata }: KubernetesObject): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: metadata.name, uid: metadata.uid ?? '' };
}

/** A node in its cluster's network. */
function placeOf({ spec, serviceAddress }: { spec: NodeSpec; serviceAddress: string }): OverlayNode {
  return { name: spec.name, addresses: spec.addresses, serviceAddress };
}

/** Objects of a cluster have its name in a label: with another name there are none, and kubectl would not even look for them. */
function canBeLabel(cluster: string): boolean {
  return labelValueProblem(cluster) === undefined;
}

function selectorOf(cluster: string | undefined): string {
  if (cluster === undefined) return CLUSTER_LABEL;
  return Object.entries(clusterLabels(cluster))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function noHostPaths(spec: NodeSpec): KinpodError {
  return new KinpodError(`${spec.name}: a Pod cannot have directories of this host (extraMounts)`, {
    code: 'unsupported-setting',
    hint: 'leave out extraMounts; kinpod load brings images into nodes, and volumes of pods are in the nodes',
  });
}
