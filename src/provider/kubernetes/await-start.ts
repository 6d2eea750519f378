import { awaitPod } from './await-pod.ts';
import type { Kubectl } from './kubectl.ts';
import { NODE_LABEL, podName } from './names.ts';

export interface AwaitStartOptions {
  /** Milliseconds. */
  withinMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Wait until programs can be executed in a node's Pod. The kubelet looks at its containers once a second (genericPlegRelistPeriod of
 * pkg/kubelet), and only then does the Pod's status say that one runs; an event says it at once.
 * @returns with `told`, which is settled when the Pod's status says so too
 * @throws {KinpodError} as awaitPod
 */
export function awaitStart(
  kubectl: Kubectl,
  node: string,
  { withinMs, signal }: AwaitStartOptions,
): Promise<{ told: Promise<unknown> }> {
  const over = new AbortController();
  // Events stay for an hour: of a Pod that had the name before, too.
  const started = new Set<string>();
  let pod: string | undefined;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (pod === undefined || !started.has(pod)) return;
      over.abort();
      resolve({ told });
    };
    const onPod = (uid: string) => {
      pod = uid;
      look();
    };
    const told = awaitPod(kubectl, { name: NODE_LABEL, value: node }, { withinMs, signal, onPod });
    told.then(() => resolve({ told }), reject).finally(() => over.abort());
    followStarts(kubectl, node, over.signal, (uid) => {
      started.add(uid);
      look();
    });
  });
}

/**
 * Who may not watch events learns it later. One watch: a Pod that takes longer has an image pulled or waits for a machine, and half
 * a second is nothing to that.
 */
function followStarts(kubectl: Kubectl, node: string, signal: AbortSignal, onStart: (pod: string) => void): void {
  const which = `involvedObject.kind=Pod,involvedObject.name=${podName(node)},reason=Started`;
  const watch = ['get', 'events', '--field-selector', which, '--watch', '--output'];
  kubectl.watch([...watch, 'jsonpath={.involvedObject.uid}{"\\n"}'], { signal, onLine: onStart }).catch(() => {});
}
