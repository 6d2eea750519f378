import { KinpodError } from '../../errors/kinpod-error.ts';
import type { OuterNode } from '../provider.ts';
import { script } from './commands.ts';
import type { Kubectl } from './kubectl.ts';
import { runOnce } from './probe.ts';

/**
 * Who may not see the nodes does without: what would be learnt from them is found out otherwise, or is a default.
 * @throws {KinpodError} `outer-cluster-unreachable`
 */
export async function listOuterNodes(kubectl: Kubectl): Promise<OuterNode[]> {
  const { exitCode, stdout, stderr } = await kubectl.request(['get', 'nodes', '--output', 'json'], {
    allowFailure: true,
  });
  if (exitCode === 0) return (JSON.parse(stdout) as { items: OuterNode[] }).items;
  if (/forbidden/i.test(stderr)) return [];
  throw new KinpodError('the outer cluster does not answer', { code: 'outer-cluster-unreachable', details: stderr });
}

/** Nodes that are looked at in one go: of many, a few tell how the others are. */
const MOST = 5;

/**
 * What nodes of the outer cluster say of themselves, each in a Pod of its own: those that take Pods, or one wherever the scheduler
 * likes where the nodes may not be seen.
 * @returns what images/nested/check.sh printed
 * @throws {KinpodError} as runOnce
 */
export async function lookAtNodes(
  kubectl: Kubectl,
  image: string,
  signal?: AbortSignal,
): Promise<{ node: string; output: string }[]> {
  const [argv, nodes] = await Promise.all([
    script('nested', 'check.sh').then((text) => ['sh', '-c', text]),
    listOuterNodes(kubectl),
  ]);
  const open = nodes.filter(
    ({ spec }) => !spec?.unschedulable && !spec?.taints?.some(({ effect }) => /^No/.test(effect)),
  );
  const places = open.length > 0 ? open.slice(0, MOST).map(({ metadata }) => metadata.name) : [undefined];
  return Promise.all(places.map((onNode) => runOnce(kubectl, image, { argv, onNode, signal })));
}
