import { type Finding, failure, ok } from '../check.ts';
import { advice } from '../fixes.ts';
import type { OuterContext } from './context.ts';

/**
 * Whether the API server takes a Pod like a node's: it is asked to, in a dry run, so what it says has been through quotas and every
 * admission plugin, whoever made them.
 * @returns undefined where Pods may not be made at all, which is told elsewhere
 */
export async function lookAtPodSecurity({
  outer,
  namespace,
  image,
  signal,
}: OuterContext): Promise<Finding | undefined> {
  const { exitCode, stderr } = await outer.request(
    ['create', '--dry-run=server', '--validate=false', '--output', 'name', '--filename', '-'],
    { input: JSON.stringify(privilegedPod(image)), allowFailure: true, signal },
  );
  if (exitCode === 0) return ok(`privileged Pods are taken in the namespace ${namespace}`);
  const [, level] = /violates PodSecurity "([\w-]+)/.exec(stderr) ?? [];
  if (level !== undefined) {
    return failure(
      `the namespace ${namespace} takes only Pods of the level ${level}, and nodes are privileged`,
      advice(`kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`),
    );
  }
  if (/cannot create resource "pods"/.test(stderr)) return undefined;
  return failure(
    `the cluster refuses a privileged Pod: ${stderr.trim().split('\n').at(-1)}`,
    advice('ask its administrators for a namespace that takes them'),
  );
}

function privilegedPod(image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'kinpod-check-' },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: 'node', image, securityContext: { privileged: true } }],
    },
  };
}
