import { KinpodError } from '../errors/kinpod-error.ts';
import { scaled } from '../exec/time-factor.ts';
import { until } from '../exec/until.ts';
import type { Progress } from '../progress/progress.ts';
import { UP_LABEL } from '../provider/labels.ts';
import type { NodeInfo } from '../provider/provider.ts';
import type { UpActions } from './actions.ts';
import { follow } from './follow.ts';

export interface UpOptions {
  cluster: string;
  /** Run against a fresh cluster, which is removed afterwards. Empty: the cluster stays until `signal` aborts, and is stopped then. */
  command: readonly string[];
  /** All clusters of the engine belong to this container: they start and stop with it. */
  alone: boolean;
  /** There are clusters of others, so that a cluster which `up` has not made is nobody's to start and stop. */
  ownOnly: boolean;
  /** Seconds within which all is stopped at the end. */
  graceSeconds: number;
  /** Leave the cluster of a command as it is. */
  retain: boolean;
  progress: Progress;
  signal: AbortSignal;
}

/** Milliseconds for the API server after a start of its nodes: seconds on an ordinary machine. */
const START_LIMIT_MS = 180_000;

/**
 * Bring a cluster up and keep it up, or run a command against it.
 * @returns the exit status of the command; 0 where it was told to end and everything was stopped
 */
export async function up(actions: UpActions, options: UpOptions): Promise<number> {
  return options.command.length > 0 ? forCommand(actions, options) : untilTold(actions, options);
}

async function forCommand(actions: UpActions, options: UpOptions): Promise<number> {
  const { cluster, command, retain, signal } = options;
  // A container's engine may have what an earlier life of it left.
  if ((await actions.nodes(cluster)).length > 0) {
    if (!options.alone) {
      throw new KinpodError(`there is a cluster "${cluster}" already, and a command gets a fresh one`, {
        code: 'name-in-use',
        hint: 'choose another name with --name, or delete it: kinpod delete cluster',
      });
    }
    await actions.remove(cluster);
  }
  await actions.create(cluster, signal);
  try {
    await actions.publishReady(true);
    return await actions.runCommand(command, signal);
  } finally {
    await actions.publishReady(false);
    if (!retain) await actions.remove(cluster);
  }
}

async function untilTold(actions: UpActions, options: UpOptions): Promise<number> {
  const { cluster, alone, ownOnly, graceSeconds, progress, signal } = options;
  // Others may make one of this name at any time, when this one has been deleted.
  const nodesOf = async (of?: string) => (await actions.nodes(of)).filter((node) => !ownOnly || isOwn(node));
  await actions.publishReady(false);
  try {
    await bringUp(actions, options);
    await follow({ ...actions, nodes: nodesOf }, cluster, options);
  } finally {
    await actions.publishReady(false);
    // What failed for another reason is left as it is, to be looked at.
    const nodes = signal.aborted ? await nodesOf(alone ? undefined : cluster) : [];
    if (nodes.some((node) => node.running)) {
      progress.info('Stopping the nodes');
      await actions.stop(nodes, graceSeconds);
    }
  }
  return 0;
}

async function bringUp(actions: UpActions, options: UpOptions): Promise<void> {
  const { cluster, alone, ownOnly, progress, signal } = options;
  const all = await actions.nodes(alone ? undefined : cluster);
  const own = all.filter((node) => node.cluster === cluster);
  if (ownOnly && !own.every(isOwn)) {
    throw new KinpodError(`there is a cluster "${cluster}" already that kinpod up has not made`, {
      code: 'name-in-use',
      hint: 'choose another name with --name or KINPOD_CLUSTER_NAME, or delete it: kinpod delete cluster',
    });
  }
  const unfinished = alone && own.length > 0 && !(await actions.isFinished(cluster));
  if (unfinished) {
    progress.warn(`cluster "${cluster}" was not finished when its container ended: making it anew`);
    await actions.remove(cluster);
  }
  await startAll(
    actions,
    all.filter((node) => !unfinished || node.cluster !== cluster),
    options,
  );
  if (own.length === 0 || unfinished) return actions.create(cluster, signal);
  await actions.reach(cluster);
  await until(() => actions.isReady(cluster), {
    withinMs: scaled(START_LIMIT_MS),
    everyMs: 50,
    what: `the API server of "${cluster}"`,
    signal,
    hint: `kinpod export logs --name ${cluster}\nor begin anew: kinpod delete cluster --name ${cluster}`,
  });
  await actions.writeKubeconfig(cluster);
}

async function startAll(
  actions: UpActions,
  nodes: readonly NodeInfo[],
  { progress, signal }: UpOptions,
): Promise<void> {
  const started = await actions.start(nodes, signal);
  if (started.length > 0) progress.info(`Started ${started.join(', ')}`);
}

/** A node that `up` has made. */
function isOwn({ labels }: NodeInfo): boolean {
  return labels[UP_LABEL] !== undefined;
}
