import { KinpodError } from '../../errors/kinpod-error.ts';
import { traceWaiting } from '../../exec/trace.ts';
import type { Kubectl } from './kubectl.ts';
import type { KubernetesObject, Pod } from './objects.ts';

/** What one line of the watch tells of a Pod. */
export interface PodState {
  uid: string;
  phase: string;
  running: boolean;
  /** Why its container waits: `ContainerCreating`, `ErrImagePull`. */
  waiting: string;
  /** `Unschedulable`, where no node takes it. */
  scheduling: string;
}

/** Fields of {@link PodState}; a Pod that is on its way out has the fifth. None can have a bar in it. */
const FIELDS = [
  '.status.phase',
  '.status.containerStatuses[0].state.running.startedAt',
  '.status.containerStatuses[0].state.waiting.reason',
  '.status.conditions[?(@.type=="PodScheduled")].reason',
  '.metadata.deletionTimestamp',
  '.metadata.uid',
];
const TEMPLATE = `${FIELDS.map((field) => `{${field}}`).join('|')}{"\\n"}`;

/** Reasons of a container that waits which will not go away by themselves soon. */
const HOPELESS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|Create\w*Error|RunContainerError)$/;

/** Milliseconds between two looks for why there is still no Pod at all. */
const NO_POD_MS = 5_000;

/** @returns undefined for a Pod of before, that is on its way out, and for what is no such line */
export function parsePodState(line: string): PodState | undefined {
  const [phase = '', started, waiting = '', scheduling = '', deleted, uid = ''] = line.split('|');
  if (deleted !== '') return undefined;
  return { uid, phase, running: Boolean(started), waiting, scheduling };
}

export interface AwaitPodOptions {
  /** Milliseconds. */
  withinMs: number;
  signal?: AbortSignal | undefined;
  /** Whether this is what is waited for. Default: it runs. */
  until?: (state: PodState) => boolean;
  /** Told of the Pod as soon as it is there. */
  onPod?: ((uid: string) => void) | undefined;
}

/**
 * Watch the Pod of a label until it runs.
 * @throws {KinpodError} `image-not-found`, `pod-refused`, `pod-failed`, `pod-not-running`
 */
export async function awaitPod(
  kubectl: Kubectl,
  label: { name: string; value: string },
  { withinMs, signal, until = (state) => state.running, onPod }: AwaitPodOptions,
): Promise<PodState> {
  const ended = new AbortController();
  const limit = AbortSignal.timeout(withinMs);
  const watch = ['get', 'pods', '--selector', `${label.name}=${label.value}`, '--watch', '--output'];
  let last: PodState | undefined;
  let result: PodState | undefined;
  let failed: PodState | undefined;
  let refused: KinpodError | undefined;
  const onLine = (line: string) => {
    const state = parsePodState(line);
    if (!state || ended.signal.aborted) return;
    if (state.uid !== last?.uid) onPod?.(state.uid);
    last = state;
    traceWaiting(`the Pod of ${label.value}`, state.scheduling || state.waiting || state.phase);
    if (until(state)) result = state;
    else if (HOPELESS.test(state.waiting) || state.phase === 'Failed') failed = state;
    if (result || failed) ended.abort();
  };
  const noPod = setInterval(() => {
    if (last) return;
    refusal(kubectl, label.value)
      .then((found) => {
        refused = found;
        if (found) ended.abort();
      })
      .catch(() => {});
  }, NO_POD_MS);
  try {
    // A watch ends by itself, and by the server's will.
    while (!ended.signal.aborted && !limit.aborted) {
      signal?.throwIfAborted();
      const all = AbortSignal.any([ended.signal, limit, ...(signal ? [signal] : [])]);
      await kubectl.watch([...watch, `jsonpath=${TEMPLATE}`], { signal: all, onLine }).catch((error: unknown) => {
        if (!all.aborted) throw error;
      });
    }
  } finally {
    clearInterval(noPod);
  }
  signal?.throwIfAborted();
  if (result) return result;
  if (refused) throw refused;
  const [pod] = await kubectl.list<Pod>('pods', `${label.name}=${label.value}`);
  const reason = pod ? reasonOf(pod) : 'there is no Pod';
  if (failed) {
    throw new KinpodError(`the Pod cannot run: ${failed.waiting || failed.phase}`, {
      code: /Image/.test(failed.waiting) ? 'image-not-found' : 'pod-failed',
      details: reason,
    });
  }
  throw new KinpodError(`the Pod did not run within ${Math.round(withinMs / 1000)}s`, {
    code: 'pod-not-running',
    details: reason,
    hint: `kubectl describe pods --selector ${label.name}=${label.value}`,
  });
}

/** What its container waits for, what has ended it, or why the Pod has no place. */
function reasonOf({ status }: Pod): string {
  const state = status?.containerStatuses?.[0]?.state;
  const scheduled = status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status !== 'True');
  const { terminated, waiting } = state ?? {};
  if (terminated)
    return [`exit code ${terminated.exitCode}`, terminated.reason, terminated.message].filter(Boolean).join(': ');
  const why = waiting ?? scheduled;
  return [status?.phase, why?.reason, why?.message].filter(Boolean).join(': ');
}

interface Event extends KubernetesObject {
  type?: string;
  reason?: string;
  message?: string;
}

/** Why a StatefulSet's Pod was not made: a quota, or a namespace that refuses privileged Pods. */
async function refusal(kubectl: Kubectl, node: string): Promise<KinpodError | undefined> {
  const maker = await kubectl.find('statefulset', node);
  if (!maker) return undefined;
  // Not of one that had the name before: events stay for an hour.
  const selector = `involvedObject.uid=${maker.metadata.uid},type=Warning`;
  const { stdout } = await kubectl.request(['get', 'events', '--field-selector', selector, '--output', 'json']);
  const events = (JSON.parse(stdout) as { items: Event[] }).items;
  const refused = events.findLast((event) => event.reason === 'FailedCreate');
  if (!refused) return undefined;
  const namespace = await kubectl.namespace();
  return new KinpodError(`the outer cluster refuses the Pod of ${node}`, {
    code: 'pod-refused',
    details: refused.message,
    hint: /PodSecurity/.test(refused.message ?? '')
      ? `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`
      : undefined,
  });
}
