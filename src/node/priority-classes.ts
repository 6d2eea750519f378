/** The two classes as the API server itself makes them, a moment later (kubernetes, pkg/apis/scheduling/v1/helpers.go). */
export const PRIORITY_CLASSES = [
  priorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
];

function priorityClass(name: string, value: number, description: string) {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
}

/** A pod like those that a kubelet creates for its static pods; never made, only tried: is it accepted yet? */
export function mirrorPod(nodeName: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'kinpod-trial',
      namespace: 'kube-system',
      annotations: { 'kubernetes.io/config.mirror': 'trial' },
    },
    spec: {
      nodeName,
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      containers: [{ name: 'trial', image: 'trial' }],
    },
  };
}
