import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeDir } from '../../src/exec/directories.ts';
import { run } from '../../src/exec/run.ts';
import { PREFIX, podman, podmanLines } from './podman.ts';

/**
 * Everything that an engine and kinpod keep of clusters, one line an object. Two of them are compared to see what a command has
 * left behind. What other tests and people are making meanwhile on the same machine is left out: they begin with `kpt-` too.
 */
export async function engineState(): Promise<string[]> {
  const [containers, volumes, networks, locks] = await Promise.all([
    podmanLines('ps', '--all', '--external', '--format', 'container {{.Names}}'),
    podmanLines('volume', 'ls', '--format', 'volume {{.Name}} {{.Labels}}'),
    podmanLines('network', 'ls', '--format', 'network {{.Name}}'),
    staleLocks(),
  ]);
  return [...containers, ...volumes, ...networks, ...locks].filter((one) => !isOthers(one)).sort();
}

function isOthers(object: string): boolean {
  return object.includes('kpt-') && !object.includes(PREFIX);
}

/** What is in the second state and not in the first. */
export function added(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((one) => !before.includes(one));
}

/** kinpod's lock files whose owner is gone. */
async function staleLocks(): Promise<string[]> {
  const dir = runtimeDir();
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.lock'));
  const stale = await Promise.all(
    names.map(async (name) => {
      const owner = await readFile(join(dir, name), 'utf8').catch(() => undefined);
      return owner === undefined || isAlive(Number(owner.split(' ')[0])) ? [] : [`lock ${join(dir, name)}`];
    }),
  );
  return stale.flat();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** By what the traces of a node's container are found all over the machine. */
interface ContainerInspect {
  Id: string;
  GraphDriver: { Data: { MergedDir?: string; UpperDir?: string } };
  NetworkSettings: { SandboxKey: string };
  Mounts: { Type: string; Name?: string; Source: string }[];
}

/** Names under which something of a running cluster could stay behind: container IDs, directories, volumes, network namespaces. */
export async function footprint(cluster: string): Promise<string[]> {
  const ids = await podmanLines(
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    '--filter',
    `label=io.x-k8s.kind.cluster=${cluster}`,
  );
  if (ids.length === 0) throw new Error(`there is no cluster ${cluster}`);
  const containers = JSON.parse(await podman(['inspect', ...ids])) as ContainerInspect[];
  return containers.flatMap((c) =>
    [
      c.Id,
      layerOf(c.GraphDriver.Data.UpperDir),
      c.NetworkSettings.SandboxKey.split('/').at(-1),
      ...c.Mounts.filter((m) => m.Type === 'volume').map((m) => m.Name),
    ].filter((name): name is string => Boolean(name)),
  );
}

/** `/var/lib/containers/storage/overlay/LAYER/diff` */
function layerOf(upperDir: string | undefined): string | undefined {
  return upperDir?.split('/').at(-2);
}

/** Where on this machine something is still called by these names. */
export async function traces(names: readonly string[]): Promise<string[]> {
  const graphRoot = await podman(['info', '--format', '{{.Store.GraphRoot}}']);
  const [mounts, cgroups, storage, volumes, namespaces, dns, firewall, processes] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    listing('/sys/fs/cgroup', 4),
    listing(join(graphRoot, 'overlay'), 1),
    listing(join(graphRoot, 'volumes'), 1),
    listing('/run/netns', 1),
    readFile('/run/containers/networks/aardvark-dns/kind', 'utf8').catch(() => ''),
    firewallRules(),
    commandLines(),
  ]);
  const places = { mounts, cgroups, storage, volumes, namespaces, dns, firewall, processes };
  return Object.entries(places).flatMap(([place, text]) =>
    names.filter((name) => text.includes(name)).map((name) => `${place}: ${name}`),
  );
}

async function listing(dir: string, depth: number): Promise<string> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const below =
    depth > 1 ? entries.filter((e) => e.isDirectory()).map((e) => listing(join(dir, e.name), depth - 1)) : [];
  return [...entries.map((e) => e.name), ...(await Promise.all(below))].join('\n');
}

/** netavark's rules name the container that they are for. */
async function firewallRules(): Promise<string> {
  return (await run('iptables-save', [], { allowFailure: true }).catch(() => ({ stdout: '' }))).stdout;
}

async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return all.join('\n');
}
