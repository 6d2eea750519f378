import type { TestCluster } from './cluster.ts';
import { eventually } from './eventually.ts';

/** A Node as far as these tests look at it. */
export interface Node {
  metadata: { name: string; labels: Record<string, string> };
  spec: { podCIDR: string; providerID: string; taints?: { key: string; effect: string }[] };
  status: { nodeInfo: { kubeletVersion: string }; conditions: { type: string; status: string }[] };
}

/** Wait until these are the cluster's nodes and all of them are Ready, and return them in this order. */
export function allNodesReady(cluster: TestCluster, names: readonly string[], withinMs = 90_000): Promise<Node[]> {
  return eventually(
    async () => {
      const { items } = await cluster.get<{ items: Node[] }>('nodes');
      const ready = items.filter((n) => n.status.conditions.some((c) => c.type === 'Ready' && c.status === 'True'));
      const inOrder = names.flatMap((name) => ready.find((n) => n.metadata.name === name) ?? []);
      if (inOrder.length < names.length || items.length !== names.length) {
        throw new Error(`Ready: ${ready.map((n) => n.metadata.name).join(' ')}, of ${items.length}`);
      }
      return inOrder;
    },
    { withinMs, everyMs: 250, what: `${names.length} nodes to be Ready` },
  );
}

/** Wait until the API server of one control plane is ready, its etcd included. @param engine runs a command of the nodes' engine */
export async function answersItself(node: string, engine: (args: string[]) => Promise<string>): Promise<void> {
  const ask = ['exec', node, 'curl', '--silent', '--insecure', '--max-time', '3', 'https://localhost:6443/readyz'];
  await eventually(async () => (await engine(ask)) === 'ok', {
    withinMs: 90_000,
    everyMs: 500,
    what: `the API server of ${node}`,
  });
}

/** What the program said while it made a cluster, without what depends on the machine. */
export function stagesOf(stderr: string): string[] {
  return [...stderr.matchAll(/^ ✓ (.*?) *$/gm)].map(([, title]) => title ?? '');
}
