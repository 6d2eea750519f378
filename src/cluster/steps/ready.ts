import { until } from '../../exec/until.ts';
import type { ApiClient } from '../../kube/client.ts';

interface NodeList {
  items: {
    metadata: { name: string; labels?: Record<string, string> };
    status?: { conditions?: { type: string; status: string }[] };
  }[];
}

/** Wait until every control-plane node is Ready, as `--wait` means it in kind. */
export async function waitForControlPlane(
  api: ApiClient,
  names: readonly string[],
  withinMs: number,
  signal: AbortSignal,
) {
  await until(
    async () => {
      const { items } = await api.get<NodeList>('/api/v1/nodes', signal);
      const ready = new Set(items.filter(isReady).map((n) => n.metadata.name));
      const missing = names.filter((n) => !ready.has(n));
      if (missing.length > 0) throw new Error(`not Ready: ${missing.join(', ')}`);
      return true;
    },
    { withinMs, everyMs: 100, what: 'the control plane to be Ready', signal, hint: 'kinpod kubectl -- describe nodes' },
  );
}

function isReady(node: NodeList['items'][number]): boolean {
  return node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}
