import { createHash } from 'node:crypto';
import { KinpodError } from '../../errors/kinpod-error.ts';

/** On every object of a node: the node's name. */
export const NODE_LABEL = 'dev.kinpod.node';
/** On Pods that look at something and end. */
export const PROBE_LABEL = 'dev.kinpod.probe';

/** Port of the API server inside a node. */
export const API_PORT = 6443;

/** Name of the one container in a node's Pod. */
export const CONTAINER = 'node';

/**
 * Longest name of a node: its StatefulSet's Pods get a label of this name and a hash (`controller-revision-hash`), and labels have
 * 63 characters.
 */
const LONGEST = 52;

/**
 * A node's name is that of its objects, so it must be what a Service may be called.
 * @throws {KinpodError} `name-unusable`
 */
export function checkNodeName(node: string): void {
  if (node.length <= LONGEST && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(node)) return;
  throw new KinpodError(`a node cannot be called "${node}" where nodes are Pods`, {
    code: 'name-unusable',
    details: `names of Services have small letters, digits and dashes, and begin with a letter; here at most ${LONGEST} characters`,
    hint: 'choose another cluster name',
  });
}

/** The Pod of a node's StatefulSet. */
export function podName(node: string): string {
  return `${node}-0`;
}

/** The object that owns all others of a cluster: the garbage collector removes them after it. */
export function ownerName(cluster: string): string {
  return `kinpod-${cluster}`;
}

/** The Service by which a node's API server is reached from outside the outer cluster. */
export function apiServiceName(node: string): string {
  return `${node}-api`;
}

/** The Secret with what of a node's environment not everybody may read. */
export function environmentName(node: string): string {
  return `${node}-env`;
}

/** The Secret with a node's files. */
export function filesName(node: string): string {
  return `${node}-files`;
}

/** Numbers of a cluster's own, the same whenever they are asked for. */
export function hashOf(...words: string[]): Buffer {
  return createHash('sha256').update(words.join('\0')).digest();
}
