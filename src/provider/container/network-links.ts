import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { commandLine } from '../../exec/command-line.ts';
import { runtimeDir } from '../../exec/directories.ts';
import { withLock } from '../../exec/lock.ts';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { whatIsAt } from './mounted-socket.ts';
import { type OwnContainer, ownContainer } from './own-container.ts';

/** Milliseconds for each question. */
const LIMIT_MS = 20_000;

/** Milliseconds to wait for another command, which asks the engine three times, hardly ever more. */
const LOCK_LIMIT_MS = 3 * LIMIT_MS;

/**
 * The links between this container and the networks of an engine's nodes: from one network none may lead to another (Docker). A link is
 * there as long as a cluster is that was reached by it. This is kept in files, a directory for each network with a file for each
 * cluster, since each command is a process: they go with the container, as links do; a lock keeps files and links in step. What
 * somebody else has connected stays connected.
 */
export class NetworkLinks {
  readonly #command: string;
  readonly #dir: string;
  readonly #own: () => Promise<OwnContainer | undefined>;

  /**
   * @param dir where they are kept
   * @param own this container as the engine knows it
   */
  constructor(command: string, dir: string = join(runtimeDir(), 'links'), own = () => ownContainer(command)) {
    this.#command = command;
    this.#dir = join(dir, command);
    this.#own = own;
  }

  /**
   * Connect this container, where the engine knows it. A Pod is not the engine's, and reaches nodes, if at all, as its machine does.
   * @throws {KinpodError} `not-connected`; see {@link ownContainer} and {@link withLock} for more
   */
  async use(network: string, cluster: string): Promise<void> {
    await this.#alone(() => this.#use(network, cluster));
  }

  /**
   * Forget the clusters that are gone, whoever has deleted them. With the last one of a network the link goes, where `use` has made it.
   * @param clusters asked for those that there are; one that `use` was called for is among them
   */
  async prune(clusters: () => Promise<readonly string[]>): Promise<void> {
    if (!(await whatIsAt(this.#dir))) return;
    await this.#alone(async () => {
      const there = (await clusters()).map(fileOf);
      for (const network of await readdir(this.#dir)) await this.#keep(network, there);
    });
  }

  async #use(network: string, cluster: string): Promise<void> {
    const own = await this.#own();
    if (!own) return;
    const dir = join(this.#dir, network);
    const connected = own.networks.includes(network);
    if (connected && !(await whatIsAt(dir))) return;
    // Where others may write to what is made on the way, runtimeDir refuses it.
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(join(dir, fileOf(cluster)), '');
    if (connected) return;
    const connect = ['network', 'connect', network, own.id];
    const { exitCode, stderr } = await this.#run(connect);
    // Somebody else may have connected it meanwhile.
    if (exitCode === 0 || /already (?:connected|exists)/i.test(stderr)) return;
    await rm(dir, { recursive: true });
    throw new KinpodError(`this container cannot be connected to "${network}", the network of the nodes`, {
      code: 'not-connected',
      details: `${commandLine(this.#command, connect)}: ${stderr.trim()}`,
      hint: `start the container in that network (${this.#command} run --network=${network} …), or with its machine's (--network=host)`,
    });
  }

  async #keep(network: string, there: readonly string[]): Promise<void> {
    const dir = join(this.#dir, network);
    const files = await readdir(dir);
    const gone = files.filter((file) => !there.includes(file));
    if (gone.length < files.length) {
      await Promise.all(gone.map((file) => rm(join(dir, file))));
      return;
    }
    const own = await this.#own();
    if (own) await this.#run(['network', 'disconnect', network, own.id]);
    await rm(dir, { recursive: true });
  }

  #alone(work: () => Promise<void>): Promise<void> {
    return withLock(`${this.#dir}.lock`, work, { withinMs: scaled(LOCK_LIMIT_MS) });
  }

  #run(args: readonly string[]) {
    return run(this.#command, args, { allowFailure: true, timeoutMs: scaled(LIMIT_MS) });
  }
}

/** A cluster may be called `..`. */
function fileOf(cluster: string): string {
  return `${cluster}.cluster`;
}
