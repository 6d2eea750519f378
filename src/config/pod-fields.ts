import { KinpodError } from '../errors/kinpod-error.ts';
import type { Path } from './problem.ts';
import type { DecodedCluster } from './schema.ts';

/** A field that a configuration has and that means something only where nodes are Pods of another cluster. */
export interface PodField {
  path: Path;
  /** `c.yaml:7:3: nodes[0].resources` */
  place: string;
  /** The cluster would not be the one that is asked for without it; the others say only where its Pods are and how to reach them. */
  isPromise: boolean;
}

export function onlyForPods({ pods, nodes = [] }: DecodedCluster): Omit<PodField, 'place'>[] {
  const field = (path: Path, value: object | undefined, isPromise: boolean) =>
    value !== undefined && Object.keys(value).length > 0 ? [{ path, isPromise }] : [];
  return [
    ...field(['pods'], pods, false),
    ...nodes.flatMap(({ resources, nodeSelector, tolerations }, n) => [
      ...field(['nodes', n, 'resources'], resources, true),
      ...field(['nodes', n, 'nodeSelector'], nodeSelector, false),
      ...field(['nodes', n, 'tolerations'], tolerations, false),
    ]),
  ];
}

/**
 * The same file may serve a machine and a cluster: what concerns Pods alone is told and passed over where nodes are none.
 * A limit that would not hold is no such thing.
 * @returns warnings
 * @throws {KinpodError} `needs-pods`, which names every field that has to go
 */
export function judgePodFields(
  fields: readonly PodField[],
  provider: { name: string; nodesArePods: boolean },
): string[] {
  if (provider.nodesArePods) return [];
  const promises = fields.filter(({ isPromise }) => isPromise);
  if (promises.length > 0) {
    throw new KinpodError(`nodes on ${provider.name} have all of the host's processors and memory`, {
      code: 'needs-pods',
      details: promises.map(({ place }) => `${place}: is for nodes that are Pods`).join('\n'),
      hint: 'leave it out, or make the nodes Pods of another cluster: --provider kubernetes',
    });
  }
  return fields.map(({ place }) => `${place}: is for nodes that are Pods, and has no effect on ${provider.name}`);
}
