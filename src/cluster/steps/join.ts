import { KinpodError } from '../../errors/kinpod-error.ts';
import { until } from '../../exec/until.ts';
import type { ApiClient } from '../../kube/client.ts';
import { NodeError } from '../node-error.ts';

interface NodeList {
  items: { metadata: { name: string }; status?: { nodeInfo?: { kubeletVersion?: string } } }[];
}

/**
 * Wait until the kubelet of every node has reported to the API server. That a Node exists says nothing: kinpod makes it.
 * @throws {NodeError} `join-timeout` for the first node that has not
 */
export async function waitForKubelets(
  api: ApiClient,
  names: readonly string[],
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  let missing = names;
  try {
    await until(
      async () => {
        const { items } = await api.get<NodeList>('/api/v1/nodes', signal);
        const reported = new Set(items.filter((n) => n.status?.nodeInfo?.kubeletVersion).map((n) => n.metadata.name));
        missing = names.filter((n) => !reported.has(n));
        if (missing.length > 0) throw new Error(`nothing yet of ${missing.join(', ')}`);
        return true;
      },
      { withinMs, everyMs: 100, what: 'the nodes to join', signal },
    );
  } catch (error) {
    const [node] = missing;
    if (!(error instanceof KinpodError) || node === undefined) throw error;
    throw new NodeError(
      node,
      `the kubelet of ${node} did not join the cluster within ${Math.round(withinMs / 1000)}s`,
      {
        code: 'join-timeout',
        details: error.details,
        hint: 'on a slow machine give it more time: --timeout-factor 3',
        cause: error,
      },
    );
  }
}
