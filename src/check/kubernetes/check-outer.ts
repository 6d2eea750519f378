import { messageOf } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';
import type { CheckResult, Finding } from '../check.ts';
import { failure, ok } from '../check.ts';
import { advice } from '../fixes.ts';
import type { OuterContext, OuterEdge } from './context.ts';
import { judgeNodes, type NodeFacts, parseNodeFacts } from './node-facts.ts';
import { lookAtPodSecurity } from './pod-security.ts';
import { lookAtHelpfulRights, lookAtNeededRights } from './rights.ts';

/** What `kinpod check --provider kubernetes -o json` prints. */
export interface OuterReport {
  /** False where any check found an error; warnings leave it true. */
  ok: boolean;
  provider: 'kubernetes';
  /** Undefined: the service account of the Pod that kinpod runs in. */
  context: string | undefined;
  namespace: string;
  /** The node image that was looked for. */
  image: string;
  results: CheckResult[];
  /** Of the outer nodes that were looked at. */
  nodes: NodeFacts[];
}

export interface CheckOuterOptions {
  outer: OuterEdge;
  context: string | undefined;
  image: string;
  /**
   * Run the check's script in a short-lived Pod of the image on each of some nodes of the outer cluster.
   * @throws {KinpodError} `image-not-found` where the image cannot be had there
   */
  look(): Promise<{ node: string; output: string }[]>;
  signal?: AbortSignal | undefined;
}

/**
 * Look at everything that nodes as Pods need of an outer cluster. Changes nothing; the Pods by which it looks at nodes are gone
 * afterwards.
 * @throws AbortError if `signal` aborts
 */
export async function checkOuter({ outer, context, image, look, signal }: CheckOuterOptions): Promise<OuterReport> {
  const results: CheckResult[] = [];
  const add = (id: string, title: string, finding: Finding | undefined) => {
    if (finding) results.push({ id, title, scope: 'run', ...finding });
  };
  const report = (namespace: string, nodes: NodeFacts[] = []): OuterReport => {
    const fine = results.every(({ status }) => status !== 'error');
    return { ok: fine, provider: 'kubernetes', context, namespace, image, results, nodes };
  };

  const answer = await lookAtServer(outer, signal);
  add('outer-cluster', 'Outer cluster', answer.finding);
  if (answer.finding.status === 'error') return report('');
  const namespace = await outer.namespace();
  const asked: OuterContext = { outer, namespace, image, signal };
  const [needed, helpful, security] = await Promise.all([
    lookAtNeededRights(asked),
    lookAtHelpfulRights(asked),
    lookAtPodSecurity(asked),
  ]);
  add('outer-rights', 'Rights', needed);
  add('outer-view', 'View of the cluster', helpful);
  add('outer-pod-security', 'Pod security', security);
  // Without the rights to them no Pod can look.
  if (results.some(({ status }) => status === 'error')) return report(namespace);
  try {
    const nodes = (await look()).map(({ node, output }) => parseNodeFacts(node, output));
    add('outer-image', 'Node image', ok(image));
    results.push(...judgeNodes(nodes).map((one): CheckResult => ({ ...one, scope: 'run' })));
    return report(namespace, nodes);
  } catch (error) {
    signal?.throwIfAborted();
    add('outer-image', 'Node image', whyNoPod(image, error));
    return report(namespace);
  }
}

async function lookAtServer(outer: OuterEdge, signal: AbortSignal | undefined): Promise<{ finding: Finding }> {
  try {
    const { stdout } = await outer.request(['version', '--output', 'json'], { signal });
    const { serverVersion } = JSON.parse(stdout) as { serverVersion?: { gitVersion: string } };
    return { finding: ok(`Kubernetes ${serverVersion?.gitVersion ?? 'of an unknown version'}`) };
  } catch (error) {
    signal?.throwIfAborted();
    const said = error instanceof CommandError ? error.details?.trim().split('\n').at(-1) : undefined;
    const hint = error instanceof CommandError ? undefined : (error as { hint?: string }).hint;
    return {
      finding: failure(
        `it does not answer: ${said || messageOf(error)}`,
        advice(hint ?? 'kubectl cluster-info, and name another context with --context'),
      ),
    };
  }
}

function whyNoPod(image: string, error: unknown): Finding {
  const { details, hint } = error as { details?: string; hint?: string };
  const last = details?.trim().split('\n').at(-1);
  return failure(
    `no Pod of ${image} runs: ${last || messageOf(error)}`,
    advice(hint ?? 'name an image that the cluster can pull: --image REGISTRY/kinpod-node:TAG'),
  );
}
