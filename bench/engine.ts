import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/exec/run.ts';
import { removeTestObjects } from '../test/support/podman.ts';

/** Begins the names of all clusters of the benchmark. */
export const PREFIX = 'kpt-bench-';

export async function podman(...args: string[]): Promise<string> {
  return (await run('podman', args, { timeoutMs: 120_000 })).stdout;
}

/** A node, as it is seen from this host. */
export interface NodeContainer {
  name: string;
  /** At which its API server is reached from this host. */
  address: string;
  /** Default 6443. */
  port?: number | undefined;
  /** Its control group, from the root of a hierarchy. */
  cgroup: string;
  /** Directories that hold what it has written. */
  writes: string[];
}

/** Where nodes are found, without a word to the program that makes them. */
export interface Place {
  /**
   * The root directory of a node as this host sees it, for what is in /etc.
   * @returns undefined while there is no such node
   */
  rootOf(node: string): Promise<string | undefined>;
  /** All nodes of a cluster, which must be running. */
  findNodes(cluster: string): Promise<NodeContainer[]>;
}

interface Inspected {
  Name: string;
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
  State: { CgroupPath: string };
  GraphDriver: { Data: { UpperDir: string } };
  Mounts: { Type: string; Source: string }[];
}

async function findNodes(cluster: string): Promise<NodeContainer[]> {
  const ids = await podman('ps', '--quiet', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`);
  const inspected = JSON.parse(await podman('inspect', ...ids.split('\n'))) as Inspected[];
  return inspected.map((c) => ({
    name: c.Name,
    address: Object.values(c.NetworkSettings.Networks)[0]?.IPAddress ?? '',
    cgroup: c.State.CgroupPath,
    writes: [c.GraphDriver.Data.UpperDir, ...c.Mounts.filter((m) => m.Type === 'volume').map((m) => m.Source)],
  }));
}

let graphRoot: Promise<string> | undefined;

/**
 * From the engine's own list of containers: reading that costs nothing, and asking the engine twenty times a second would slow down
 * what is measured.
 */
async function rootOf(container: string): Promise<string | undefined> {
  graphRoot ??= podman('info', '--format', '{{.Store.GraphRoot}}');
  const storage = await graphRoot;
  const list = await readFile(join(storage, 'overlay-containers', 'containers.json'), 'utf8');
  const found = (JSON.parse(list) as { names?: string[]; layer: string }[]).find((c) => c.names?.includes(container));
  return found && join(storage, 'overlay', found.layer, 'merged');
}

/** Nodes that are containers. */
export const ENGINE: Place = { rootOf, findNodes };

/** Processor seconds that a node has used, with all that runs in it. */
export function cpuSeconds({ cgroup }: NodeContainer): number {
  const v1 = readIf(join('/sys/fs/cgroup/cpuacct', cgroup, 'cpuacct.usage'));
  if (v1 !== undefined) return Number(v1) / 1e9;
  const v2 = readIf(join('/sys/fs/cgroup', cgroup, 'cpu.stat')) ?? '';
  return Number(/^usage_usec (\d+)$/m.exec(v2)?.[1]) / 1e6;
}

/** Bytes of memory that the programs of a node hold, without what the kernel keeps of files. */
export function memoryBytes({ cgroup }: NodeContainer): number {
  const v1 = readIf(join('/sys/fs/cgroup/memory', cgroup, 'memory.stat'));
  const v2 = v1 ?? readIf(join('/sys/fs/cgroup', cgroup, 'memory.stat')) ?? '';
  return Number(/^(?:total_rss|anon) (\d+)$/m.exec(v2)?.[1]);
}

/** Bytes on disk that a node has written: its volumes and the upper layer of its container. */
export async function diskBytes({ writes }: NodeContainer): Promise<number> {
  // Files come and go while du reads: it then says so, and its sum is good all the same.
  const { stdout } = await run('du', ['--summarize', '--block-size=1', '--total', '--one-file-system', ...writes], {
    allowFailure: true,
  });
  return Number(/^(\d+)\ttotal$/m.exec(stdout)?.[1]);
}

/** @returns the image's ID and size in words, undefined if it is not there */
export async function describeImage(reference: string): Promise<string | undefined> {
  const { stdout, exitCode } = await run('podman', ['image', 'inspect', reference], { allowFailure: true });
  if (exitCode !== 0) return undefined;
  const [image] = JSON.parse(stdout) as { Id: string; Size: number; Labels?: Record<string, string> }[];
  const store = image?.Labels?.['dev.kinpod.image-store'] ?? 'layout unknown';
  return `${reference} (${image?.Id.slice(0, 12)}, ${Math.round((image?.Size ?? 0) / 1e6)} MB, container images ${store})`;
}

/** Remove every cluster of the benchmark, without the help of who made it. */
export function removeClusters(): Promise<void> {
  return removeTestObjects(PREFIX);
}

function readIf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
