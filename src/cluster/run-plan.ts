import { isAbort } from '../errors/kinpod-error.ts';
import { inOrder, type Step } from './plan.ts';

export interface RunPlanOptions {
  signal?: AbortSignal | undefined;
  /** Leave what was made when a step fails. Default false. */
  retain?: boolean | undefined;
  /** Called when a step failed, before anything is undone: the time to look at what is there. */
  onFailure?: ((step: Step, error: unknown) => Promise<void>) | undefined;
  /** Called for every undo that fails itself; the others still run. */
  onUndoFailure?: ((step: Step, error: unknown) => void) | undefined;
}

/**
 * Run the steps, each as soon as those that it waits for are done. The first failure (or `signal`) aborts the others;
 * when all have ended, everything that was begun is undone in reverse order, in this one place.
 * @throws what the first failing step threw, or the abort
 */
export async function runPlan(steps: readonly Step[], options: RunPlanOptions = {}): Promise<void> {
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const running = new Map<string, Promise<void>>();
  const begun: Step[] = [];
  let failed: { step: Step; error: unknown } | undefined;

  const execute = async (step: Step): Promise<void> => {
    await Promise.all((step.after ?? []).map((name) => running.get(name)));
    signal.throwIfAborted();
    begun.push(step);
    try {
      await step.run({ signal });
    } catch (error) {
      failed ??= { step, error };
      failure.abort(error);
      throw error;
    }
  };
  for (const step of inOrder(steps)) running.set(step.name, execute(step));
  await Promise.allSettled(running.values());

  // An interrupt may come when nothing is left to be aborted: then the work is done, and stays.
  const interrupted = options.signal?.aborted && begun.length < steps.length;
  if (!failed && !interrupted) return;
  if (failed && !(options.signal?.aborted && isAbort(failed.error)))
    await options.onFailure?.(failed.step, failed.error);
  if (!options.retain) {
    for (const step of begun.toReversed()) {
      await step.undo?.().catch((error: unknown) => options.onUndoFailure?.(step, error));
    }
  }
  options.signal?.throwIfAborted();
  throw failed?.error;
}
