import { scaled } from '../../exec/time-factor.ts';
import type { NodeInfo, Provider } from '../../provider/provider.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; exitCode: number };
}

/** Nodes and pods as far as a summary looks at them. */
export interface ApiNode {
  metadata: { name: string };
  status?: { conditions?: Condition[]; nodeInfo?: { kubeletVersion?: string } };
}

export interface ApiPod {
  metadata: { name: string; namespace: string };
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface ClusterState {
  nodes: ApiNode[];
  pods: ApiPod[];
}

/** What the API server says, asked in a node: a kubeconfig on this host may be missing or old. */
export async function clusterState(
  provider: Provider,
  nodes: readonly NodeInfo[],
  signal?: AbortSignal,
): Promise<ClusterState> {
  const node = nodes.find((one) => one.role === 'control-plane' && one.running);
  if (!node) throw new Error('no control-plane node is running');
  const { stdout } = await provider.exec(
    node.name,
    [
      'kubectl',
      '--kubeconfig=/etc/kubernetes/admin.conf',
      `--request-timeout=${scaled(10_000) / 1000}s`,
      'get',
      'nodes,pods',
      '--all-namespaces',
      '--output=json',
    ],
    { signal, timeoutMs: scaled(30_000) },
  );
  const { items } = JSON.parse(stdout) as { items: ({ kind: string } & ApiNode & ApiPod)[] };
  return {
    nodes: items.filter((item) => item.kind === 'Node'),
    pods: items.filter((item) => item.kind === 'Pod'),
  };
}

/** Why a node is not Ready; undefined where it is. */
export function nodeTrouble({ status }: ApiNode): string | undefined {
  const ready = status?.conditions?.find((one) => one.type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return ready ? [ready.reason, ready.message].filter(Boolean).join(': ') : 'the kubelet has not reported yet';
}

/** Why a pod does not do its work; undefined where it does, or has done it. */
export function podTrouble({ status = {} }: ApiPod): string | undefined {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const idle = (status.containerStatuses ?? []).filter((one) => !one.ready);
  if (status.phase === 'Succeeded' || (status.phase === 'Running' && idle.length === 0)) return undefined;
  const reasons = containers.flatMap(({ name, state }) => {
    const { reason, message } = state?.waiting ?? {};
    if (reason) return [`${name}: ${reason}${message ? `: ${firstLine(message)}` : ''}`];
    const ended = state?.terminated;
    return ended && ended.exitCode !== 0 ? [`${name}: ${ended.reason ?? 'ended'} (exit code ${ended.exitCode})`] : [];
  });
  const conditions = (status.conditions ?? [])
    .filter((one) => one.status === 'False' && one.message)
    .map((one) => firstLine(one.message ?? ''));
  const why = [status.reason, status.message, ...(reasons.length > 0 ? reasons : conditions)].filter(Boolean);
  return [status.phase ?? 'Unknown', ...new Set(why)].join('; ');
}

/** Containers of a pod that were started again, with how they ended last. */
export function restarts({ status }: ApiPod): string[] {
  return (status?.containerStatuses ?? [])
    .filter((one) => one.restartCount > 0)
    .map(({ name, restartCount, lastState }) => {
      const ended = lastState?.terminated;
      const how = ended ? `, last ended with ${ended.reason ?? 'no reason'} (exit code ${ended.exitCode})` : '';
      return `${name} ${restartCount === 1 ? '1 restart' : `${restartCount} restarts`}${how}`;
    });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
