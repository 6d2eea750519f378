import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { runtimeDir } from '../../exec/directories.ts';
import { removeStaleLock, withLock } from '../../exec/lock.ts';
import { scaled } from '../../exec/time-factor.ts';
import { chooseSubnet, freeAddresses, type NodeAddresses, ulaSubnet } from '../../network/addresses.ts';
import { routedSubnets } from '../../network/routes.ts';
import type { EngineFacts } from './engine.ts';
import { type EngineNetwork, isExplicit, mtuOf, subnetsOf } from './networks.ts';
import { runEngine } from './run-engine.ts';

/** The network that all clusters of an engine share, as in kind. */
const SHARED_NETWORK = 'kind';

/** The one instead, where kind has made its own in such a way that no node can keep an address in it. */
const OWN_NETWORK = 'kinpod';

/** Subnets of the nodes' network, those in which nodes can keep an address. */
interface NodeSubnets {
  ipv4: string;
  ipv6: string | undefined;
}

/** Milliseconds that an engine may take to tell its networks: another than the provider's own need not answer at all. */
const NETWORKS_LIMIT_MS = 20_000;

/** Podman's and Docker's words for a subnet that the machine, or another network, has already. */
const SUBNET_IN_USE = /already used on the host|overlaps with other one|conflicts with/i;

/** Their words for a name that a network has already. */
const NAME_IN_USE = /already exists/i;

export interface NodesNetworkOptions {
  /** Name of the network, where the user has chosen one. */
  chosen: string | undefined;
  /** Engines whose networks this one's must not overlap, as far as they are installed. */
  neighbours: readonly EngineFacts[];
  /** The engine is outside of this container: whoever else uses it may choose addresses at the same time, and sees no lock of ours. */
  outside: boolean;
}

/** The network of an engine that its nodes are in, and their addresses there. */
export class NodesNetwork {
  readonly #engine: EngineFacts;
  readonly #neighbours: readonly EngineFacts[];
  readonly #chosen: boolean;
  readonly #outside: boolean;
  #name: string;
  #subnets: Promise<NodeSubnets> | undefined;

  constructor(engine: EngineFacts, { chosen, neighbours, outside }: NodesNetworkOptions) {
    this.#engine = engine;
    this.#neighbours = neighbours;
    this.#chosen = chosen !== undefined;
    this.#outside = outside;
    this.#name = chosen ?? SHARED_NETWORK;
  }

  /** Settled when {@link ensure} has ended. */
  get name(): string {
    return this.#name;
  }

  /** Find it, else make it. @throws {KinpodError} `network-unusable`, `network-full` */
  async ensure(signal: AbortSignal | undefined): Promise<void> {
    this.#subnets ??= this.#findOrCreate(signal);
    await this.#subnets.catch((error: unknown) => {
      this.#subnets = undefined;
      throw error;
    });
  }

  /** All that it has, as CIDRs. */
  async subnets(): Promise<string[]> {
    const { stdout } = await runEngine(this.#engine, ['network', 'inspect', this.name]);
    const [network = {}] = JSON.parse(stdout) as EngineNetwork[];
    return subnetsOf(network);
  }

  /**
   * Choose addresses for nodes; nobody else is given them while `use` runs.
   * @param takenNow asked for those that nodes have
   */
  async withAddresses<T>(
    count: number,
    takenNow: () => Promise<readonly string[]>,
    use: (addresses: NodeAddresses[]) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const subnets = await this.#subnets;
    if (!subnets) throw new Error('ensureNetwork comes first');
    return withLock(
      this.#lockFile('addresses'),
      async () => {
        const taken = new Set(await takenNow());
        const [ipv4, ipv6] = [subnets.ipv4, subnets.ipv6].map((s) => s && this.#free(s, taken, count));
        return use(Array.from({ length: count }, (_, i) => ({ ipv4: ipv4?.[i] ?? '', ipv6: ipv6?.[i] })));
      },
      { withinMs: scaled(120_000), signal },
    );
  }

  /** What a create that was killed left of its locks. */
  async removeStaleLocks(): Promise<void> {
    await Promise.all(['addresses', 'network'].map((name) => removeStaleLock(this.#lockFile(name))));
  }

  async #findOrCreate(signal: AbortSignal | undefined): Promise<NodeSubnets> {
    const subnets = await this.#findSubnets();
    if (subnets) return subnets;
    return withLock(this.#lockFile('network'), async () => (await this.#findSubnets()) ?? (await this.#create()), {
      withinMs: scaled(60_000),
      signal,
    });
  }

  async #findSubnets(): Promise<NodeSubnets | undefined> {
    const { stdout, exitCode } = await runEngine(this.#engine, ['network', 'inspect', this.name], {
      allowFailure: true,
    });
    if (exitCode !== 0) return undefined;
    const [network = {}] = JSON.parse(stdout) as EngineNetwork[];
    const subnets = subnetsOf(network);
    // What the user has chosen is tried: the engine will say what it cannot do.
    const anySubnet = this.#chosen || this.#engine.fixedAddress === 'any subnet';
    const usable = subnets.filter((s) => anySubnet || isExplicit(network, s));
    const ipv4 = usable.find((s) => !s.includes(':'));
    if (ipv4 !== undefined) return { ipv4, ipv6: usable.find((s) => s.includes(':')) };
    if (subnets.length > usable.length && this.name === SHARED_NETWORK) {
      this.#name = OWN_NETWORK;
      return this.#findSubnets();
    }
    throw new KinpodError(`the network "${this.name}" has no IPv4 subnet in which addresses can be fixed`, {
      code: 'network-unusable',
      hint: `remove it (${this.#engine.command} network rm ${this.name}) and kinpod makes it anew`,
    });
  }

  async #create(): Promise<NodeSubnets> {
    const [own, others, routes] = await Promise.all([
      networksOf(this.#engine),
      this.#ofNeighbours(),
      readFile('/proc/net/route', 'utf8').then(routedSubnets, () => []),
    ]);
    const ofHost = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).flatMap((a) => a.cidr ?? []));
    const inUse = [...[...own, ...others].flatMap(subnetsOf), ...routes, ...ofHost];
    return this.#createBeside(inUse, mtuOf(own));
  }

  async #createBeside(inUse: readonly string[], mtu: string | undefined): Promise<NodeSubnets> {
    const choice = chooseSubnet(this.#engine.subnets, inUse);
    if (!choice) {
      throw new KinpodError('no free subnet for the network of the nodes', {
        code: 'network-full',
        hint: `make one yourself: ${this.#engine.command} network create --subnet CIDR ${this.name}`,
      });
    }
    const create = ['network', 'create', '--driver', 'bridge', '--subnet', choice.subnet, '--ip-range', choice.range];
    if (mtu) create.push('--opt', mtu);
    const ipv6 = ulaSubnet(this.name);
    const withIpv6 = [...create, '--ipv6', '--subnet', ipv6, this.name];
    const { exitCode, stderr } = await runEngine(this.#engine, withIpv6, { allowFailure: true });
    if (exitCode === 0) return { ipv4: choice.subnet, ipv6 };
    if (NAME_IN_USE.test(stderr)) return this.#madeByAnother(stderr);
    // Without IPv6 in the kernel, or with that subnet in use, clusters of the IPv4 family work all the same.
    const { exitCode: failed, stderr: why } = await runEngine(this.#engine, [...create, this.name], {
      // Of an engine that is outside of this container, its machine's networks are not seen from here.
      allowFailure: this.#outside,
    });
    if (failed === 0) return { ipv4: choice.subnet, ipv6: undefined };
    if (NAME_IN_USE.test(why)) return this.#madeByAnother(why);
    if (SUBNET_IN_USE.test(why)) return this.#createBeside([...inUse, choice.subnet], mtu);
    throw this.#notMade(why);
  }

  /** Whoever was quicker, and sees no lock of ours, has chosen other subnets, or such that another network is needed. */
  async #madeByAnother(why: string): Promise<NodeSubnets> {
    const wanted = this.name;
    const found = await this.#findSubnets();
    if (found) return found;
    if (this.name === wanted) throw this.#notMade(why);
    return this.#create();
  }

  #notMade(why: string): KinpodError {
    return new KinpodError(`cannot make the network "${this.name}"`, { code: 'engine-failed', details: why });
  }

  /** An idle network of another engine has no device by which it would be seen. One that is not installed or not running has none. */
  async #ofNeighbours(): Promise<EngineNetwork[]> {
    const all = await Promise.allSettled(this.#neighbours.map((engine) => networksOf(engine)));
    return all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  }

  #free(subnet: string, taken: ReadonlySet<string>, count: number): string[] {
    try {
      // Of 32,000 two hardly choose the same.
      return freeAddresses(subnet, taken, count, this.#outside ? Math.random() : 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new KinpodError(`the network "${this.name}" has no addresses left for nodes: ${error.message}`, {
        code: 'network-full',
        hint: `delete clusters, or the network once none uses it: ${this.#engine.command} network rm ${this.name}`,
        cause: error,
      });
    }
  }

  #lockFile(name: string): string {
    return join(runtimeDir(), `${this.#engine.name}-${this.name}-${name}.lock`);
  }
}

async function networksOf(engine: EngineFacts): Promise<EngineNetwork[]> {
  const limit = { timeoutMs: scaled(NETWORKS_LIMIT_MS) };
  const { stdout } = await runEngine(engine, ['network', 'ls', '--quiet'], limit);
  const names = stdout.split('\n').filter(Boolean);
  if (names.length === 0) return [];
  return JSON.parse((await runEngine(engine, ['network', 'inspect', ...names], limit)).stdout);
}
