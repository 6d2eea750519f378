import { messageOf } from '../../errors/kinpod-error.ts';
import { isMachine, type NodeInfo } from '../../provider/provider.ts';
import { type ClusterState, nodeTrouble, podTrouble, restarts } from './cluster-state.ts';
import type { Gap } from './collect.ts';
import type { LogErrors } from './log-errors.ts';

/** All that a summary is made of. */
export interface SummaryInput {
  cluster: string;
  provider: string;
  /** `0.1.0` */
  version: string;
  at: Date;
  nodes: readonly NodeInfo[];
  /** What the API server said, or why it said nothing. */
  state: ClusterState | Error;
  /** By the log's path below the directory. */
  errors: ReadonlyMap<string, LogErrors>;
  gaps: readonly Gap[];
}

/** What went wrong in a cluster, for a reader who has just got its logs. */
export function summaryText(input: SummaryInput): string {
  const { cluster, provider, version, at, nodes, state, errors, gaps } = input;
  return [
    `Cluster "${cluster}" on ${provider}, ${at.toISOString()}, collected by kinpod ${version}`,
    section(
      'Nodes',
      nodes.map((node) => nodeLine(node, state)),
    ),
    ...(state instanceof Error
      ? [section('Pods', [`not known: the API server did not answer: ${messageOf(state)}`])]
      : podSections(state)),
    ...[...errors]
      .filter(([, { count }]) => count > 0)
      .map(([log, { count, last }]) =>
        section(
          `Errors in ${log}: ${count}${count > last.length ? `, the last ${last.length} that differ` : ''}`,
          last,
        ),
      ),
    section(
      'Not collected',
      gaps.length > 0 ? gaps.map((gap) => `${gap.file}: ${gap.reason}`) : ['nothing is missing'],
    ),
    '',
  ].join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function nodeLine(node: NodeInfo, state: ClusterState | Error): string {
  const container = `${node.name} (${node.role}): ${node.running ? 'running' : 'stopped'}`;
  if (state instanceof Error) return container;
  const known = state.nodes.find((one) => one.metadata.name === node.name);
  if (!known) return isMachine(node) ? `${container}, not registered` : container;
  const trouble = nodeTrouble(known);
  const version = known.status?.nodeInfo?.kubeletVersion ?? '';
  return `${container}, ${trouble === undefined ? 'Ready' : `not Ready: ${trouble}`} ${version}`.trim();
}

function podSections({ pods }: ClusterState): string[] {
  const troubled = pods.flatMap((pod) => {
    const trouble = podTrouble(pod);
    const { namespace, name } = pod.metadata;
    return trouble === undefined ? [] : [`${namespace}/${name} on ${pod.spec?.nodeName ?? 'no node'}: ${trouble}`];
  });
  const restarted = pods.flatMap((pod) =>
    restarts(pod).map((restart) => `${pod.metadata.namespace}/${pod.metadata.name}: ${restart}`),
  );
  return [
    section(
      `Pods that do not run: ${troubled.length} of ${pods.length}`,
      troubled.length > 0 ? troubled : ['all run or have ended well'],
    ),
    ...(restarted.length > 0 ? [section('Restarts', restarted)] : []),
  ];
}
