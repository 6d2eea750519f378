/**
 * What a node does in the making of its cluster: `first` sets the cluster up through the API that it serves, a `member` is a
 * further control plane, a `worker` only runs pods.
 */
export type NodePart = 'first' | 'member' | 'worker';
