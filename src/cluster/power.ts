import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';
import { assetsDir } from '../exec/assets.ts';
import { isMachine, type NodeInfo, type NodePower, type Provider } from '../provider/provider.ts';

/**
 * Seconds that a node's own system has to end when all that it ran has ended. It takes less than one; what would keep it from
 * ending is of no use any more.
 */
const SYSTEM_SECONDS = 2;

/** Start every node that is stopped. A cluster's nodes find each other in whatever order they come. */
export async function startNodes(
  provider: Provider,
  nodes: readonly NodeInfo[],
  signal?: AbortSignal,
): Promise<string[]> {
  const stopped = nodes.filter((node) => !node.running).map((node) => node.name);
  if (stopped.length > 0) await powerOf(provider).start(stopped, signal);
  return stopped;
}

/** Nodes that can stop at the same time, in the order in which they do: who still works needs the API server, and that its balancer. */
export function stopOrder(nodes: readonly NodeInfo[]): NodeInfo[][] {
  const running = nodes.filter((node) => node.running);
  return (['worker', 'control-plane', 'external-load-balancer'] as const)
    .map((role) => running.filter((node) => node.role === role))
    .filter((group) => group.length > 0);
}

/**
 * Seconds that the pods of each group have to end, so that all is over within `total`: what the groups' systems take is taken off,
 * and the rest is shared. At least one.
 */
export function podSeconds(groups: readonly (readonly NodeInfo[])[], total: number): number {
  const machines = groups.filter((group) => group.some(isMachine)).length;
  return Math.max(1, Math.floor(total / Math.max(machines, 1) - SYSTEM_SECONDS - ETCD_SECONDS));
}

/** What etcd takes at most, after the others (images/node/stop/stop.sh). */
const ETCD_SECONDS = 1;

/**
 * Stop nodes within about so many seconds. What they run is ended first, in order: pods, then etcd. A node in which that fails is
 * stopped all the same.
 */
export async function stopNodes(provider: Provider, nodes: readonly NodeInfo[], totalSeconds: number): Promise<void> {
  const power = powerOf(provider);
  const script = await readFile(join(assetsDir(), 'images', 'node', 'stop', 'stop.sh'), 'utf8');
  const groups = stopOrder(nodes);
  const seconds = podSeconds(groups, totalSeconds);
  for (const group of groups) {
    await Promise.all(group.map((node) => stopNode(provider, power, node, script, seconds)));
  }
}

async function stopNode(
  provider: Provider,
  power: NodePower,
  node: NodeInfo,
  script: string,
  seconds: number,
): Promise<void> {
  if (isMachine(node)) {
    const argv = ['sh', '-c', script, 'stop.sh', String(seconds)];
    // Twice the time: a runtime that hangs must not keep the node alive.
    const timeoutMs = (seconds + ETCD_SECONDS) * 2000;
    await provider.exec(node.name, argv, { allowFailure: true, timeoutMs }).catch(() => {});
  }
  await power.stop([node.name], SYSTEM_SECONDS);
}

function powerOf({ name, power }: Provider): NodePower {
  if (power) return power;
  throw new KinpodError(`nodes of the provider ${name} are not started and stopped`, { code: 'unsupported' });
}
