interface PodList {
  items: {
    metadata: { name: string; namespace: string };
    status: { conditions?: { type: string; status: string }[] };
  }[];
}

/** What a look at a cluster says. */
export interface State {
  nodeReady: boolean;
  corednsReady: boolean;
  /** System pods that must be there, and are not. */
  missing: string[];
  /** System pods that are there, and not Ready. */
  notReady: string[];
}

/** Namespaces of what a new cluster has by itself. */
const SYSTEM = new Set(['kube-system', 'local-path-storage']);

/** The pods of a cluster with one node. kind's has its network's pod besides, which counts once it is there. */
export function pods(list: PodList, node: string): Omit<State, 'nodeReady'> {
  const system = list.items.filter((p) => SYSTEM.has(p.metadata.namespace));
  const ready = (pod: PodList['items'][number]) =>
    pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  const expected: [prefix: string, count: number][] = [
    ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((n): [string, number] => [
      `${n}-${node}`,
      1,
    ]),
    ['kube-proxy-', 1],
    ['coredns-', 2],
    ['local-path-provisioner-', 1],
  ];
  const coredns = system.filter((p) => p.metadata.name.startsWith('coredns-'));
  return {
    corednsReady: coredns.length === 2 && coredns.every(ready),
    missing: expected
      .filter(([prefix, count]) => system.filter((p) => p.metadata.name.startsWith(prefix)).length < count)
      .map(([prefix]) => prefix),
    notReady: system.filter((p) => !ready(p)).map((p) => p.metadata.name),
  };
}

export function systemPodsReady(state: State): boolean {
  return state.missing.length === 0 && state.notReady.length === 0;
}
