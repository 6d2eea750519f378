import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { runtimeDir } from '../../exec/directories.ts';
import { removeStaleLock, withLock } from '../../exec/lock.ts';
import { CommandError, type RunOptions, type RunResult, run } from '../../exec/run.ts';
import { chooseSubnet, freeAddresses, type NodeAddresses, ulaSubnet } from '../../network/addresses.ts';
import type { Endpoint } from '../../network/endpoint.ts';
import type { NodeFile } from '../../node/node-file.ts';
import { ADDRESS_LABEL, CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import type { ContainerRole, HostAllowances, LocalImage, NodeInfo, NodeSpec, Provider } from '../provider.ts';
import { type EngineFacts, ulimitArgs } from './engine.ts';
import { entry, parcel, receiver } from './entry.ts';
import { isMachine, runArgs, varVolume, volumeArgs } from './run-args.ts';

/** Port of the API server inside a node. */
const API_PORT = 6443;

interface NetworkSubnets {
  ipv4: string;
  ipv6: string | undefined;
}

/** One entry of `ps --format json`. Podman 6 gives labels as `k=v` strings, before it was an object (kind issue 4201). */
interface PsEntry {
  Names: string[];
  State: string;
  Labels: Record<string, string> | string[] | null;
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
  readonly #engine: EngineFacts;
  readonly #host: HostAllowances;
  readonly #network: string;
  #subnets: Promise<NetworkSubnets> | undefined;
  /** Images that were found, by reference. */
  readonly #images = new Map<string, LocalImage>();

  constructor(engine: EngineFacts, host: HostAllowances, network: string) {
    this.name = engine.name;
    this.forwardsFromIPv6Loopback = engine.forwardsFromIPv6Loopback;
    this.#engine = engine;
    this.#host = host;
    this.#network = network;
  }

  async listClusters(): Promise<string[]> {
    const nodes = await this.listNodes();
    return [...new Set(nodes.map((n) => n.cluster))].sort();
  }

  async listNodes(cluster?: string): Promise<NodeInfo[]> {
    const filter = cluster === undefined ? CLUSTER_LABEL : `${CLUSTER_LABEL}=${cluster}`;
    const { stdout } = await this.#run(['ps', '--all', '--filter', `label=${filter}`, '--format', 'json']);
    const entries = JSON.parse(stdout || '[]') as PsEntry[];
    return (
      entries
        .map((e) => {
          const labels = labelsOf(e.Labels);
          return {
            name: e.Names[0] ?? '',
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

  async findImage(reference: string): Promise<LocalImage | undefined> {
    const { stdout, exitCode, stderr } = await this.#run(['image', 'inspect', reference], { allowFailure: true });
    if (exitCode !== 0) {
      if (/no such|not known|not found/i.test(stderr)) return undefined;
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
    await this.#run(['pull', '--quiet', reference], { signal });
  }

  async readImageFile(reference: string, path: string): Promise<string> {
    const limits = ulimitArgs(this.#host);
    return (await this.#run(['run', '--rm', '--network=none', ...limits, '--entrypoint=cat', reference, path])).stdout;
  }

  async ensureNetwork(signal?: AbortSignal): Promise<void> {
    this.#subnets ??= this.#findOrCreateNetwork(signal);
    await this.#subnets.catch((error: unknown) => {
      this.#subnets = undefined;
      throw error;
    });
  }

  async withAddresses<T>(
    count: number,
    use: (addresses: NodeAddresses[]) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const subnets = await this.#subnets;
    if (!subnets) throw new Error('ensureNetwork comes first');
    return withLock(
      this.#lockFile('addresses'),
      async () => {
        const taken = new Set((await this.listNodes()).flatMap((n) => n.labels[ADDRESS_LABEL]?.split(',') ?? []));
        const [ipv4, ipv6] = [subnets.ipv4, subnets.ipv6].map((s) => s && this.#free(s, taken, count));
        return use(Array.from({ length: count }, (_, i) => ({ ipv4: ipv4?.[i] ?? '', ipv6: ipv6?.[i] })));
      },
      { withinMs: 120_000, signal },
    );
  }

  async createNode(spec: NodeSpec, signal?: AbortSignal): Promise<void> {
    if (isMachine(spec)) await this.#createVolume(spec, signal);
    const command = await entry(spec.command ?? (await this.#commandOf(spec.image)));
    try {
      await this.#run(runArgs(spec, command, this.#engine, this.#network, this.#host), { signal });
    } catch (error) {
      throw portInUse(error) ?? error;
    }
  }

  async startNode(node: string, files: readonly NodeFile[], signal?: AbortSignal): Promise<void> {
    await this.exec(node, await receiver(), { input: await parcel(files), signal });
  }

  async copyOut(node: string, path: string, destination: string, signal?: AbortSignal): Promise<void> {
    await this.#run(['cp', `${node}:${path}`, destination], { signal });
  }

  async deleteCluster(cluster: string): Promise<string[]> {
    const [nodes, allVolumes] = await Promise.all([this.listNodes(cluster), this.#listVolumes()]);
    const names = nodes.map((n) => n.name);
    // Volumes are found by label: a create that was killed early left one without a node, and kind's have no names.
    const volumes = allVolumes
      .filter(({ Labels }) => Labels?.[CLUSTER_LABEL] === cluster || names.some((node) => Labels?.[node] !== undefined))
      .map((volume) => volume.Name);
    // `--time 0`: systemd in a node does not stop on SIGTERM, and nothing of a deleted node is worth waiting 10 s for.
    if (names.length > 0) await this.#run(['rm', '--force', '--volumes', '--ignore', '--time', '0', ...names]);
    if (volumes.length > 0) await this.#run(['volume', 'rm', '--force', ...volumes]);
    // Locks too can be what a killed create left behind.
    await Promise.all(['addresses', 'network'].map((name) => removeStaleLock(this.#lockFile(name))));
    return names;
  }

  async exec(node: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const interactive = options.input !== undefined || options.inherit;
    return this.#run(['exec', '--privileged', ...(interactive ? ['--interactive'] : []), node, ...argv], options);
  }

  async logs(node: string, lines: number): Promise<string> {
    const { stdout, stderr } = await this.#run(['logs', '--tail', String(lines), node], { allowFailure: true });
    return `${stdout}\n${stderr}`.trim();
  }

  async endpoint(node: string): Promise<Endpoint | undefined> {
    const { stdout } = await this.#run(['port', node, `${API_PORT}/tcp`], { allowFailure: true });
    const [, host, port] = /^(.*):(\d+)$/m.exec(stdout) ?? [];
    if (!host || !port) return undefined;
    return { host: host.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1', port: Number(port) };
  }

  async #listVolumes(): Promise<{ Name: string; Labels: Record<string, string> | null }[]> {
    const { stdout } = await this.#run(['volume', 'ls', '--format', 'json']);
    return JSON.parse(stdout || '[]');
  }

  /** A volume of that name without a node is what a killed create, or an engine's `rm`, left: an old cluster's data. */
  async #createVolume(spec: NodeSpec, signal: AbortSignal | undefined): Promise<void> {
    const { exitCode, stderr } = await this.#run(volumeArgs(spec), { signal, allowFailure: true });
    if (exitCode === 0) return;
    if (/already exists/.test(stderr)) await this.#run(['volume', 'rm', varVolume(spec.name)], { signal });
    await this.#run(volumeArgs(spec), { signal });
  }

  async #commandOf(image: string): Promise<readonly string[]> {
    const found = this.#images.get(image) ?? (await this.findImage(image));
    if (found) return found.command;
    throw new KinpodError(`the image "${image}" is not here`, { code: 'image-not-found' });
  }

  async #findOrCreateNetwork(signal: AbortSignal | undefined): Promise<NetworkSubnets> {
    const subnets = await this.#findSubnets();
    if (subnets) return subnets;
    return withLock(
      this.#lockFile('network'),
      async () => (await this.#findSubnets()) ?? (await this.#createNetwork()),
      { withinMs: 60_000, signal },
    );
  }

  async #findSubnets(): Promise<NetworkSubnets | undefined> {
    const { stdout, exitCode } = await this.#run(['network', 'inspect', this.#network], { allowFailure: true });
    if (exitCode !== 0) return undefined;
    const [network] = JSON.parse(stdout) as { subnets?: { subnet: string }[] }[];
    const subnets = network?.subnets?.map((s) => s.subnet) ?? [];
    const ipv4 = subnets.find((s) => !s.includes(':'));
    if (!ipv4) {
      throw new KinpodError(`the network "${this.#network}" has no IPv4 subnet`, {
        code: 'network-unusable',
        hint: `remove it (${this.#engine.command} network rm ${this.#network}) and kinpod makes it anew`,
      });
    }
    return { ipv4, ipv6: subnets.find((s) => s.includes(':')) };
  }

  async #createNetwork(): Promise<NetworkSubnets> {
    const choice = chooseSubnet(await this.#subnetsInUse());
    if (!choice) {
      throw new KinpodError('no free subnet for the network of the nodes', {
        code: 'network-full',
        hint: `make one yourself: ${this.#engine.command} network create --subnet CIDR ${this.#network}`,
      });
    }
    const create = ['network', 'create', '--driver', 'bridge', '--subnet', choice.subnet, '--ip-range', choice.range];
    const ipv6 = ulaSubnet(this.#network);
    const withIpv6 = [...create, '--ipv6', '--subnet', ipv6, this.#network];
    const { exitCode, stderr } = await this.#run(withIpv6, { allowFailure: true });
    if (exitCode === 0 || /already exists/.test(stderr)) return { ipv4: choice.subnet, ipv6 };
    // Without IPv6 in the kernel, or with that subnet in use, clusters of the IPv4 family work all the same.
    await this.#run([...create, this.#network]);
    return { ipv4: choice.subnet, ipv6: undefined };
  }

  async #subnetsInUse(): Promise<string[]> {
    const { stdout } = await this.#run(['network', 'ls', '--quiet']);
    const names = stdout.split('\n').filter(Boolean);
    const inspected = names.length > 0 ? (await this.#run(['network', 'inspect', ...names])).stdout : '[]';
    const ofEngine = (JSON.parse(inspected) as { subnets?: { subnet: string }[] }[]).flatMap((n) =>
      (n.subnets ?? []).map((s) => s.subnet),
    );
    const ofHost = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).flatMap((a) => a.cidr ?? []));
    return [...ofEngine, ...ofHost];
  }

  #free(subnet: string, taken: ReadonlySet<string>, count: number): string[] {
    try {
      return freeAddresses(subnet, taken, count);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new KinpodError(`the network "${this.#network}" has no addresses left for nodes: ${error.message}`, {
        code: 'network-full',
        hint: `delete clusters, or the network once none uses it: ${this.#engine.command} network rm ${this.#network}`,
        cause: error,
      });
    }
  }

  #lockFile(name: string): string {
    return join(runtimeDir(), `${this.#engine.name}-${this.#network}-${name}.lock`);
  }

  async #run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    try {
      return await run(this.#engine.command, args, options);
    } catch (error) {
      throw engineMissing(error, this.#engine) ?? error;
    }
  }
}

function labelsOf(labels: PsEntry['Labels']): Record<string, string> {
  if (!Array.isArray(labels)) return labels ?? {};
  return Object.fromEntries(labels.map((l) => [l.split('=', 1)[0] ?? '', l.slice(l.indexOf('=') + 1)]));
}

function engineMissing(error: unknown, engine: EngineFacts): KinpodError | undefined {
  if (!(error instanceof CommandError) || !error.notStarted) return undefined;
  return new KinpodError(`${engine.command} cannot be run: it is not installed, or not on the PATH`, {
    code: 'engine-missing',
    hint: 'kinpod check --fix',
    cause: error,
  });
}

/** The engine's complaint about a host port that somebody else listens on, in words that name the port. */
function portInUse(error: unknown): KinpodError | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const match = /(?:(\S+:\d+): )?(?:bind: )?address already in use/i.exec(error.stderr);
  if (!match) return undefined;
  return new KinpodError(`a host port that the cluster publishes is in use${match[1] ? `: ${match[1]}` : ''}`, {
    code: 'port-in-use',
    hint: 'choose another apiServerPort or hostPort in the config, or end the program that listens there',
    details: error.details,
    cause: error,
  });
}
