import { KinpodError, kindMessageOf } from '../../errors/kinpod-error.ts';
import { Remembered } from '../../exec/remembered.ts';
import type { RunOptions, RunResult } from '../../exec/run.ts';
import type { NodeAddresses } from '../../network/addresses.ts';
import type { Endpoint } from '../../network/endpoint.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { entry, parcel, receiver } from '../entry.ts';
import { ADDRESS_LABEL, CLUSTER_LABEL, CREATION_LABEL, ROLE_LABEL } from '../labels.ts';
import type {
  ContainerRole,
  HostAllowances,
  LocalImage,
  NodeAllowances,
  NodeInfo,
  NodePower,
  NodeSpec,
  Provider,
} from '../provider.ts';
import { bringNodeImage, carriedImage } from './carried-image.ts';
import { askAllowances, type EngineFacts } from './engine.ts';
import { thaw } from './freezer.ts';
import { type Labels, labelsOf, type NodeEntry, parseList, placeOf, publishedAt } from './listing.ts';
import { lookAtMachine } from './machine-facts.ts';
import { NetworkLinks } from './network-links.ts';
import { NodesNetwork } from './nodes-network.ts';
import { ownContainer } from './own-container.ts';
import { runArgs } from './run-args.ts';
import { runEngine } from './run-engine.ts';
import { nameInUse, noFixedAddress, portInUse } from './start-failures.ts';
import type { Outside } from './whereabouts.ts';

/** Port of the API server inside a node. */
const API_PORT = 6443;

/** One entry of `ps`. */
interface PsEntry {
  /** Docker: one string. */
  Names: string[] | string;
  State: string;
  Labels: Labels;
}

export interface ContainerProviderOptions {
  engine: EngineFacts;
  host: HostAllowances;
  /** Name of the nodes' network, where the user has chosen one. */
  network?: string | undefined;
  /** See Provider. */
  outside?: Outside | undefined;
  /** Engines whose networks this one's must not overlap, as far as they are installed. */
  neighbours?: readonly EngineFacts[];
}

/** One entry of `image inspect`. */
interface ImageEntry {
  Id: string;
  Config: { Labels?: Record<string, string> | null; Entrypoint?: string[] | null; Cmd?: string[] | null };
}

/** Nodes as containers of an engine on this host. */
export class ContainerProvider implements Provider {
  readonly name: string;
  readonly forwardsFromIPv6Loopback: boolean;
  readonly answersDnsByIPv6: boolean;
  readonly nodesArePods = false;
  readonly outside: Outside | undefined;
  readonly power: NodePower = {
    start: async (nodes, signal) => void (await this.#run(['start', ...nodes], { signal })),
    stop: async (nodes, seconds) => void (await this.#run(['stop', '--time', String(seconds), ...nodes])),
  };
  readonly #engine: EngineFacts;
  readonly #host: HostAllowances;
  readonly #network: NodesNetwork;
  #allowances: Promise<NodeAllowances> | undefined;
  /** By cluster. */
  readonly #linked = new Remembered<void>();
  /** Images that were found, by reference. */
  readonly #images = new Map<string, LocalImage>();

  constructor({ engine, host, network, outside, neighbours = [] }: ContainerProviderOptions) {
    this.name = engine.name;
    this.forwardsFromIPv6Loopback = engine.forwardsFromIPv6Loopback;
    this.answersDnsByIPv6 = engine.answersDnsByIPv6;
    this.outside = outside;
    this.#engine = engine;
    this.#host = host;
    this.#network = new NodesNetwork(engine, { chosen: network, neighbours, outside: outside !== undefined });
  }

  allowances(): Promise<NodeAllowances> {
    this.#allowances ??= this.#machine().then((host) => askAllowances(this.#engine, host));
    return this.#allowances;
  }

  /** Of the engine's machine, where that is not this container's own: seen by an image that the engine has. */
  async #machine(): Promise<HostAllowances> {
    if (!this.outside) return this.#host;
    const image = (await ownContainer(this.#engine.command))?.image ?? [...this.#images.keys()][0];
    return image === undefined ? this.#host : lookAtMachine(this.#engine, image, this.#host);
  }

  async listClusters(): Promise<string[]> {
    const format = ['--format', this.#engine.labelFormat(CLUSTER_LABEL)];
    const names = await this.#list(CLUSTER_LABEL, format, 'failed to list clusters');
    return [...new Set(names.split('\n').filter(Boolean))].sort();
  }

  async listNodes(cluster?: string): Promise<NodeInfo[]> {
    const filter = cluster === undefined ? CLUSTER_LABEL : `${CLUSTER_LABEL}=${cluster}`;
    const entries = parseList<PsEntry>(await this.#list(filter, this.#asJson, 'failed to list nodes'));
    return (
      entries
        .map((e) => {
          const labels = labelsOf(e.Labels);
          return {
            name: [e.Names].flat()[0] ?? '',
            cluster: labels[CLUSTER_LABEL] ?? '',
            role: (labels[ROLE_LABEL] ?? 'worker') as ContainerRole,
            running: e.State === 'running',
            labels,
          };
        })
        // Podman takes an empty value in a filter for "any value".
        .filter((n) => cluster === undefined || n.cluster === cluster)
        .sort((a, b) => a.name.localeCompare(b.name))
    );
  }

  /** @param kindsWhat what kind says before the reason why it cannot; its command is this one, but for the nodes' format */
  async #list(label: string, format: readonly string[], kindsWhat: string): Promise<string> {
    try {
      return (await this.#run(['ps', '-a', '--filter', `label=${label}`, ...format])).stdout;
    } catch (error) {
      if (!(error instanceof KinpodError)) throw error;
      const kindMessage = `${kindsWhat}: ${kindMessageOf(error)}`;
      throw new KinpodError(error.message, { ...error, cause: error, kindMessage });
    }
  }

  async findImage(reference: string): Promise<LocalImage | undefined> {
    const { stdout, exitCode, stderr } = await this.#run(['image', 'inspect', reference], { allowFailure: true });
    if (exitCode !== 0) {
      // One that no image can have is in no store either; who pulls it is told why.
      if (/no such|not known|not found|invalid reference format|must be lowercase/i.test(stderr)) return undefined;
      throw new KinpodError(`cannot look for the image "${reference}"`, { code: 'engine-failed', details: stderr });
    }
    const [image] = JSON.parse(stdout) as ImageEntry[];
    if (!image) return undefined;
    const { Labels, Entrypoint, Cmd } = image.Config;
    const found = { id: image.Id, labels: Labels ?? {}, command: [...(Entrypoint ?? []), ...(Cmd ?? [])] };
    this.#images.set(reference, found);
    return found;
  }

  async pullImage(reference: string, signal?: AbortSignal): Promise<void> {
    await this.#run(['pull', reference], { signal });
  }

  async carriedImage(): Promise<string | undefined> {
    return this.outside && carriedImage();
  }

  async bringCarriedImage(signal?: AbortSignal): Promise<void> {
    const own = await ownContainer(this.#engine.command);
    if (!own) {
      throw new KinpodError(`${this.name} does not know this container, and so not its image`, {
        code: 'foreign-container',
      });
    }
    await bringNodeImage(this.#engine, own.image, await this.allowances(), signal);
  }

  async readImageFile(reference: string, path: string): Promise<string> {
    const limits = this.#engine.limits(this.#host);
    return (await this.#run(['run', '--rm', '--network=none', ...limits, '--entrypoint=cat', reference, path])).stdout;
  }

  async ensureNetwork(signal?: AbortSignal): Promise<void> {
    const ensured = this.#network.ensure(signal);
    // Needed for the first node, and asked beside; outside, by an image that is still looked for.
    if (!this.outside) this.allowances().catch(() => {});
    await ensured;
  }

  networkSubnets(): Promise<string[]> {
    return this.#network.subnets();
  }

  withAddresses<T>(count: number, use: (addresses: NodeAddresses[]) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const taken = async () => (await this.listNodes()).flatMap((n) => n.labels[ADDRESS_LABEL]?.split(',') ?? []);
    return this.#network.withAddresses(count, taken, use, signal);
  }

  async createNode(spec: NodeSpec, signal?: AbortSignal): Promise<void> {
    const allowed = await this.allowances();
    const command = await entry(spec.command ?? (await this.#commandOf(spec.image)));
    try {
      await this.#run(runArgs(spec, command, this.#engine, this.#network.name, allowed), { signal });
    } catch (error) {
      throw nameInUse(error) ?? portInUse(error) ?? noFixedAddress(error, this.#network.name) ?? error;
    }
  }

  async startNode(node: string, files: readonly NodeFile[], signal?: AbortSignal): Promise<void> {
    await this.exec(node, await receiver(), { input: await parcel(files), signal });
  }

  async copyOut(node: string, path: string, destination: string, signal?: AbortSignal): Promise<void> {
    await this.#run(['cp', `${node}:${path}`, destination], { signal });
  }

  async deleteCluster(cluster: string, creation?: string): Promise<string[]> {
    const [all, allVolumes] = await Promise.all([this.listNodes(cluster), this.#listVolumes()]);
    const nodes = all.filter((n) => creation === undefined || n.labels[CREATION_LABEL] === creation);
    const names = nodes.map((n) => n.name);
    const label = creation === undefined ? `${CLUSTER_LABEL}=${cluster}` : `${CREATION_LABEL}=${creation}`;
    if (names.length > 0) await this.#removeContainers(label, names);
    if (nodes.length < all.length) return names;
    // kind makes volumes of its own for its nodes, and finds them by label.
    const volumes = allVolumes
      .filter(({ labels }) => labels[CLUSTER_LABEL] === cluster || names.some((node) => labels[node] !== undefined))
      .map((volume) => volume.name);
    if (volumes.length > 0) await this.#run(['volume', 'rm', '--force', ...volumes]);
    // Locks too can be what a killed create left behind.
    await this.#network.removeStaleLocks();
    if (this.outside === 'elsewhere') await new NetworkLinks(this.#engine.command).prune(() => this.listClusters());
    return names;
  }

  async exec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const interactive = options.input !== undefined || options.inherit;
    return this.#run(
      ['exec', ...this.#engine.execPrivileges, ...(interactive ? ['--interactive'] : []), node, ...argv],
      options,
    );
  }

  async logs(node: string, lines?: number, options: RunOptions = {}): Promise<string> {
    const tail = lines === undefined ? [] : ['--tail', String(lines)];
    const { stdout, stderr } = await this.#run(['logs', ...tail, node], { allowFailure: true, ...options });
    return `${stdout}\n${stderr}`.trim();
  }

  engineInfo(options: RunOptions = {}): Promise<RunResult> {
    return this.#run(['info'], options);
  }

  inspectNode(node: string, options: RunOptions = {}): Promise<RunResult> {
    return this.#run(['inspect', node], options);
  }

  async internalEndpoint(node: string): Promise<Endpoint> {
    return { host: node, port: API_PORT };
  }

  async endpoint(node: string): Promise<Endpoint | undefined> {
    if (this.outside !== 'elsewhere') return this.publishedEndpoint(node);
    const { stdout, exitCode } = await this.#run(['inspect', '--type=container', node], { allowFailure: true });
    const [found] = exitCode === 0 ? (JSON.parse(stdout) as NodeEntry[]) : [];
    const place = found && placeOf(found, this.#network.name);
    if (!place) return undefined;
    const { cluster, network, host } = place;
    await this.#linked.get(cluster, () => new NetworkLinks(this.#engine.command).use(network, cluster));
    return { host, port: API_PORT };
  }

  async publishedEndpoint(node: string): Promise<Endpoint | undefined> {
    const { stdout } = await this.#run(['port', node, `${API_PORT}/tcp`], { allowFailure: true });
    return publishedAt(stdout);
  }

  get #asJson(): readonly string[] {
    return ['--format', this.#engine.listFormat];
  }

  async #listVolumes(): Promise<{ name: string; labels: Record<string, string> }[]> {
    const { stdout } = await this.#run(['volume', 'ls', ...this.#asJson]);
    return parseList<{ Name: string; Labels: Labels }>(stdout).map((volume) => ({
      name: volume.Name,
      labels: labelsOf(volume.Labels),
    }));
  }

  /**
   * The engine gives up on what is not dead after 5 s; asked again, it forgets the container and leaves that alive.
   * @param label that they have, and no others
   */
  async #removeContainers(label: string, names: readonly string[]): Promise<void> {
    // Podman's `--time 0`: systemd in a node does not stop on SIGTERM, and nothing of a deleted node is worth waiting 10 s for.
    const remove = ['rm', '--force', '--volumes', ...this.#engine.removeAtOnce, ...names];
    try {
      await this.#run(remove);
    } catch (error) {
      const { stdout } = await this.#run(['ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`]);
      if (!(await thaw(stdout.split('\n').filter(Boolean)))) throw error;
      await this.#run(remove);
    }
  }

  async #commandOf(image: string): Promise<readonly string[]> {
    const found = this.#images.get(image) ?? (await this.findImage(image));
    if (found) return found.command;
    throw new KinpodError(`the image "${image}" is not here`, { code: 'image-not-found' });
  }

  #run(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return runEngine(this.#engine, args, options);
  }
}
