import { KinpodError, kindMessageOf } from '../errors/kinpod-error.ts';
import { execByHand } from '../provider/by-hand.ts';
import type { Provider } from '../provider/provider.ts';
import { type CreateInput, createPlan } from './create-plan.ts';
import { NodeError } from './node-error.ts';
import { runPlan } from './run-plan.ts';
import { Stages } from './stages.ts';
import { diagnose } from './steps/boot.ts';

export interface CreateResult {
  nodes: string[];
  kubeconfigPath: string;
  server: string;
}

/**
 * Make the plan of a cluster and run it. Whatever fails or interrupts it, everything that was made is removed again, unless `retain` is set.
 * @throws {KinpodError} the first failure, with the log lines of the node that matter
 */
export async function runCreate(provider: Provider, input: CreateInput): Promise<CreateResult> {
  const stages = new Stages(input.progress, input.config.nodes.length, !input.config.networking.disableDefaultCNI);
  const { steps, creation } = createPlan(provider, input, stages);
  let logs = '';
  let suspect = creation.layout.first.name;
  try {
    await runPlan(steps, {
      signal: input.signal,
      retain: input.retain,
      onFailure: async (step, error) => {
        stages.fail();
        if (error instanceof NodeError) suspect = error.node;
        if (error instanceof NodeError || /^(boot|join|wait)/.test(step.name)) logs = await diagnose(provider, suspect);
      },
      onUndoFailure: (step, error) => input.progress.warn(`could not undo "${step.name}": ${String(error)}`),
    });
  } catch (error) {
    stages.fail();
    if (!(error instanceof KinpodError)) throw error;
    throw new KinpodError(error.message, {
      code: error.code,
      details: [error.details, logs].filter(Boolean).join('\n'),
      hint: [error.hint, lookAround(provider, suspect, input.retain)].filter(Boolean).join('\n'),
      cause: error,
      kindMessage: kindMessageOf(error),
    });
  }
  stages.done();
  const { layout, kubeconfigPath, server } = creation;
  return { nodes: layout.nodes.map((n) => n.name), kubeconfigPath, server };
}

function lookAround(provider: Provider, node: string, retained: boolean): string {
  return retained
    ? `look around: ${execByHand(provider, node, 'bash', { terminal: true })}`
    : 'to look around in the node, run it again with --retain';
}
