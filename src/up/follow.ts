import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors/kinpod-error.ts';
import type { Progress } from '../progress/progress.ts';
import type { UpActions } from './actions.ts';

/** Milliseconds between two questions to the API server: seldom where all is well, for it costs a little; often where it is not. */
const READY_EVERY_MS = 2_000;
const NOT_READY_EVERY_MS = 200;

/** Milliseconds between two looks at the nodes. */
const NODES_EVERY_MS = 10_000;

/**
 * Watch a cluster until `signal` aborts: tell when it takes requests and when it does not, and start nodes that have stopped.
 */
export async function follow(
  actions: UpActions,
  cluster: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  let wasReady: boolean | undefined;
  let lookedAt = Date.now();
  while (!signal.aborted) {
    const ready = await actions.isReady(cluster);
    if (ready !== wasReady) {
      await actions.publishReady(ready);
      if (ready) progress.info(`Cluster "${cluster}" takes requests`);
      else if (wasReady) progress.warn(`cluster "${cluster}" does not take requests`);
      wasReady = ready;
    }
    if (Date.now() - lookedAt >= NODES_EVERY_MS) {
      lookedAt = Date.now();
      await restart(actions, cluster, progress, signal);
    }
    await sleep(ready ? READY_EVERY_MS : NOT_READY_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** An engine that is busy or gone for a moment is no reason to end. */
async function restart(actions: UpActions, cluster: string, progress: Progress, signal: AbortSignal): Promise<void> {
  try {
    const nodes = await actions.nodes(cluster);
    const started = signal.aborted ? [] : await actions.start(nodes, signal);
    if (started.length > 0) progress.warn(`started nodes that had stopped: ${started.join(', ')}`);
  } catch (error) {
    if (!signal.aborted) progress.warn(`could not look after the nodes: ${messageOf(error)}`);
  }
}
