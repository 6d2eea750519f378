/** A point in the life of a new cluster, in the order in which one would expect them. */
export type Milestone = 'nodesReady' | 'corednsReady' | 'systemPodsReady' | 'firstPodRuns';

export interface Condition {
  type: string;
  status: string;
}

/** A Node or Pod as far as milestones look at it. */
export interface Watched {
  metadata: { name: string; namespace?: string };
  status?: { phase?: string; conditions?: Condition[] };
}

/** What a cluster has when it is complete. */
export interface Expectation {
  nodes: number;
  controlPlanes: number;
  /** Beginnings of the names of pods that there is one of on every node: kube-proxy, and a network daemon if there is one. */
  onEveryNode: readonly string[];
  /** Name of the pod that a user starts. */
  userPod: string;
}

/** Static pods of a control plane. The kubelet shows them to the API server some time after they run. */
const STATIC_PODS = ['etcd-', 'kube-apiserver-', 'kube-controller-manager-', 'kube-scheduler-'];

/** kubeadm's CoreDNS Deployment. */
const DNS = { prefix: 'coredns-', replicas: 2 };

/** Which milestones a cluster has reached that has these objects now. */
export function reached(
  nodes: readonly Watched[],
  pods: readonly Watched[],
  expected: Expectation,
): ReadonlySet<Milestone> {
  const system = pods.filter((p) => p.metadata.namespace !== 'default');
  const ready = system.filter(isReady);
  const count = (list: readonly Watched[], prefix: string) =>
    list.filter((p) => p.metadata.name.startsWith(prefix)).length;
  const complete =
    STATIC_PODS.every((prefix) => count(ready, prefix) >= expected.controlPlanes) &&
    expected.onEveryNode.every((prefix) => count(ready, prefix) >= expected.nodes) &&
    count(ready, DNS.prefix) >= DNS.replicas &&
    count(ready, 'local-path-provisioner-') >= 1 &&
    ready.length === system.length;
  const milestones: Record<Milestone, boolean> = {
    nodesReady: nodes.filter(isReady).length >= expected.nodes,
    corednsReady: count(ready, DNS.prefix) >= DNS.replicas,
    systemPodsReady: complete,
    firstPodRuns: pods.some((p) => p.metadata.name === expected.userPod && p.status?.phase === 'Running'),
  };
  return new Set(Object.entries(milestones).flatMap(([name, is]) => (is ? [name as Milestone] : [])));
}

function isReady(object: Watched): boolean {
  return object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}
