import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import type { ContainerRuntime, StoredImage } from '../../node/runtime/container-runtime.ts';
import { containerRuntime } from '../../node/runtime/runtime.ts';
import { isMachine, type NodeInfo, type Provider } from '../../provider/provider.ts';

/** A node that is to have images. */
export interface Target {
  node: string;
  runtime: ContainerRuntime;
  /** What it had when it was looked at. */
  stored: StoredImage[];
}

/**
 * Which of a cluster's nodes are meant.
 * @param wanted names; none for all nodes. A load balancer runs no pods and is never meant.
 * @param kindsName how kind shows the name of an unknown node; its `load image-archive` does not quote it
 * @throws {KinpodError} `no-such-cluster` and `no-such-node` in kind's words, `node-stopped`
 */
export function chooseNodes(
  nodes: readonly NodeInfo[],
  cluster: string,
  wanted: readonly string[],
  kindsName: (name: string) => string = goQuote,
): string[] {
  const able = nodes.filter(isMachine);
  if (able.length === 0) {
    throw new KinpodError(`no nodes found for cluster ${goQuote(cluster)}`, {
      code: 'no-such-cluster',
      hint: 'kinpod get clusters',
    });
  }
  const unknown = wanted.find((name) => !able.some((node) => node.name === name));
  if (unknown !== undefined) {
    throw new KinpodError(`unknown node: ${goQuote(unknown)}`, {
      code: 'no-such-node',
      kindMessage: `unknown node: ${kindsName(unknown)}`,
      hint: `one or more of: ${able.map((node) => node.name).join(',')}`,
    });
  }
  const chosen = wanted.length === 0 ? able : able.filter((node) => wanted.includes(node.name));
  const stopped = chosen.filter((node) => !node.running).map((node) => node.name);
  if (stopped.length > 0) {
    const running = chosen.filter((node) => node.running).map((node) => node.name);
    throw new KinpodError(`stopped nodes cannot be given images: ${stopped.join(', ')}`, {
      code: 'node-stopped',
      hint: `start them${running.length > 0 ? `, or leave them out: --nodes ${running.join(',')}` : ''}`,
    });
  }
  return chosen.map((node) => node.name);
}

export async function findTargets(
  provider: Provider,
  cluster: string,
  wanted: readonly string[],
  signal?: AbortSignal,
  kindsName?: (name: string) => string,
): Promise<Target[]> {
  const nodes = chooseNodes(await provider.listNodes(cluster), cluster, wanted, kindsName);
  return Promise.all(
    nodes.map(async (node) => {
      const runtime = await containerRuntime(provider, node, signal);
      return { node, runtime, stored: await runtime.images(signal) };
    }),
  );
}
