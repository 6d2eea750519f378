import { KinpodError } from '../../errors/kinpod-error.ts';
import { until } from '../../exec/until.ts';
import type { ApiClient } from '../../kube/client.ts';
import { NodeError } from '../node-error.ts';

interface NodeList {
  items: { metadata: { name: string }; status?: { nodeInfo?: { kubeletVersion?: string } } }[];
}

/** Milliseconds between two looks into the nodes that are missing: that costs a program in each, and seldom tells anything. */
const LOOK_INSIDE_MS = 5_000;

export interface JoinOptions {
  withinMs: number;
  signal: AbortSignal;
  /** Throws if a node that has not joined never will. */
  lookInside(node: string): Promise<void>;
}

/**
 * Wait until the kubelet of every node has reported to the API server. That a Node exists says nothing: kinpod makes it.
 * @throws {NodeError} `join-timeout` for the first node that has not; what `lookInside` throws
 */
export async function waitForKubelets(
  api: ApiClient,
  names: readonly string[],
  { withinMs, signal, lookInside }: JoinOptions,
): Promise<void> {
  let missing = names;
  let nextLook = Date.now() + LOOK_INSIDE_MS;
  const failed = new AbortController();
  try {
    await until(
      async () => {
        const { items } = await api.get<NodeList>('/api/v1/nodes', signal);
        const reported = new Set(items.filter((n) => n.status?.nodeInfo?.kubeletVersion).map((n) => n.metadata.name));
        missing = names.filter((n) => !reported.has(n));
        if (missing.length === 0) return true;
        if (Date.now() > nextLook) {
          await Promise.all(missing.map(lookInside)).catch((error: unknown) => failed.abort(error));
          nextLook = Date.now() + LOOK_INSIDE_MS;
        }
        throw new Error(`nothing yet of ${missing.join(', ')}`);
      },
      { withinMs, everyMs: 100, what: 'the nodes to join', signal: AbortSignal.any([signal, failed.signal]) },
    );
  } catch (error) {
    if (failed.signal.aborted) throw failed.signal.reason;
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
