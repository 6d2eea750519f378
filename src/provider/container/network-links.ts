import { mkdir, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { commandLine } from '../../exec/command-line.ts';
import { runtimeDir } from '../../exec/directories.ts';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { type OwnContainer, ownContainer } from './own-container.ts';

/** Milliseconds for each question. */
const LIMIT_MS = 20_000;

/**
 * The links between this container and the networks of an engine's nodes: from one network none may lead to another (Docker). A link is
 * there as long as a cluster is that was reached by it. This is kept in files, a directory for each network with a file for each
 * cluster, since each command is a process: they go with the container, as links do. What somebody else has connected stays connected.
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
   * @throws {KinpodError} `not-connected`
   */
  async use(network: string, cluster: string): Promise<void> {
    const own = await this.#own();
    if (!own) return;
    const dir = join(this.#dir, network);
    const connected = own.networks.includes(network);
    if (connected && !(await exists(dir))) return;
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, fileOf(cluster)), '');
    if (connected) return;
    const connect = ['network', 'connect', network, own.id];
    const { exitCode, stderr } = await this.#run(connect);
    // Another command may have connected it meanwhile.
    if (exitCode === 0 || /already (?:connected|exists)/i.test(stderr)) return;
    await this.done(cluster);
    throw new KinpodError(`this container cannot be connected to "${network}", the network of the nodes`, {
      code: 'not-connected',
      details: `${commandLine(this.#command, connect)}: ${stderr.trim()}`,
      hint: `start the container in that network (${this.#command} run --network=${network} …), or with its machine's (--network=host)`,
    });
  }

  /** The cluster is gone, or cannot be reached. With the last one of a network the link goes, where `use` has made it. */
  async done(cluster: string): Promise<void> {
    for (const network of await readdir(this.#dir).catch(() => [])) {
      const dir = join(this.#dir, network);
      await rm(join(dir, fileOf(cluster)), { force: true });
      // Only an empty one can be removed, and of commands at the same time one succeeds.
      const last = await rmdir(dir).then(
        () => true,
        () => false,
      );
      const own = last ? await this.#own() : undefined;
      if (own) await this.#run(['network', 'disconnect', network, own.id]);
    }
  }

  #run(args: readonly string[]) {
    return run(this.#command, args, { allowFailure: true, timeoutMs: scaled(LIMIT_MS) });
  }
}

/** A cluster may be called `..`. */
function fileOf(cluster: string): string {
  return `${cluster}.cluster`;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
