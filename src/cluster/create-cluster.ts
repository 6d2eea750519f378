import type { HostFacts } from '../check/index.ts';
import type { ClusterConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { NodeImage } from '../image/node-image.ts';
import { mergeKubeconfig, removeKubeconfig } from '../kubeconfig/kubeconfig.ts';
import type { BootScripts } from '../node/boot-input.ts';
import type { ClusterPki } from '../pki/cluster-pki.ts';
import type { Progress } from '../progress/progress.ts';
import type { Provider } from '../provider/provider.ts';
import { accessTo } from './access.ts';
import { type ClusterLayout, layOut } from './layout.ts';
import { contextName } from './names.ts';
import type { Step } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { Stages } from './stages.ts';
import { BOOT_LIMIT_SECONDS, diagnose, followBoot } from './steps/boot.ts';
import { createNodes } from './steps/create-nodes.ts';
import { waitForControlPlane } from './steps/ready.ts';

export interface CreateInput {
  config: ClusterConfig;
  image: NodeImage;
  facts: HostFacts;
  /** The authorities of the new cluster. */
  pki: ClusterPki;
  /** Of the node in front of several control planes; undefined: as the others. */
  loadBalancerImage: string | undefined;
  scripts: BootScripts;
  /** Kubeconfig file; undefined: as kubectl chooses it from `env`. */
  kubeconfig: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Milliseconds to wait until the control plane is Ready; 0: do not wait. */
  waitMs: number;
  /** Leave everything as it is when the create fails. */
  retain: boolean;
  /** Multiplies every time limit, for slow machines. */
  timeoutFactor: number;
  progress: Progress;
  signal: AbortSignal | undefined;
}

export interface CreateResult {
  nodes: string[];
  kubeconfigPath: string;
}

/** State that the steps of one create share. */
interface Creation {
  layout: ClusterLayout;
  kubeconfigPath: string;
}

/** The steps of a create. Making the list has no effect; `provider` is only used when a step runs. */
export function createPlan(
  provider: Provider,
  input: CreateInput,
  stages: Stages,
): { steps: Step[]; creation: Creation } {
  const { config, pki } = input;
  const layout = layOut(config, input.image, provider.name, input.loadBalancerImage);
  const creation: Creation = { layout, kubeconfigPath: '' };
  const controlPlanes = layout.nodes.filter((n) => n.config.role === 'control-plane');
  const booted = layout.nodes.map((n) => `boot ${n.name}`);

  const steps: Step[] = [
    { name: 'network', run: ({ signal }) => provider.ensureNetwork(signal) },
    {
      name: 'create nodes',
      after: ['network'],
      run: ({ signal }) => createNodes(provider, { ...input, layout, signal, stages }),
      undo: async () => void (await provider.deleteCluster(config.name)),
    },
    ...layout.nodes.map(
      (node): Step => ({
        name: `boot ${node.name}`,
        after: ['create nodes'],
        run: async ({ signal }) => {
          await provider.startNode(node.name, signal);
          stages.enter('starting');
          await followBoot(provider, node.name, {
            signal,
            limitMs: BOOT_LIMIT_SECONDS * 1000 * input.timeoutFactor,
            onEvent: (event) => stages.bootEvent(event),
          });
        },
      }),
    ),
    {
      name: 'kubeconfig',
      after: booted,
      run: async ({ signal }) => {
        const access = await accessTo(provider, layout, pki);
        creation.kubeconfigPath = await mergeKubeconfig(access.kubeconfig, input.kubeconfig, input.env, signal);
      },
      undo: async () => void (await removeKubeconfig(contextName(config.name), input.kubeconfig, input.env)),
    },
  ];
  if (input.waitMs > 0) {
    steps.push({
      name: 'wait until Ready',
      after: ['kubeconfig'],
      run: ({ signal }) =>
        stages.waitForReady(input.waitMs, async () => {
          const { api } = await accessTo(provider, layout, pki);
          try {
            await waitForControlPlane(
              api,
              controlPlanes.map((n) => n.name),
              input.waitMs,
              signal,
            );
          } finally {
            api.close();
          }
        }),
    });
  }
  return { steps, creation };
}

/**
 * Create a cluster. Whatever fails or interrupts it, everything that was made is removed again, unless `retain` is set.
 * @throws {KinpodError} the first failure, with the log lines of the node that matter
 */
export async function createCluster(provider: Provider, input: CreateInput): Promise<CreateResult> {
  const stages = new Stages(input.progress, input.config.nodes.length, !input.config.networking.disableDefaultCNI);
  const { steps, creation } = createPlan(provider, input, stages);
  let logs = '';
  try {
    await runPlan(steps, {
      signal: input.signal,
      retain: input.retain,
      onFailure: async (step) => {
        stages.fail();
        if (/^(boot|wait)/.test(step.name)) logs = await diagnose(provider, creation.layout.nodes[0]?.name ?? '');
      },
      onUndoFailure: (step, error) => input.progress.warn(`could not undo "${step.name}": ${String(error)}`),
    });
  } catch (error) {
    stages.fail();
    if (!(error instanceof KinpodError)) throw error;
    throw new KinpodError(error.message, {
      code: error.code,
      details: [error.details, logs].filter(Boolean).join('\n'),
      hint: [error.hint, lookAround(provider, creation.layout, input.retain)].filter(Boolean).join('\n'),
      cause: error,
    });
  }
  stages.done();
  return { nodes: creation.layout.nodes.map((n) => n.name), kubeconfigPath: creation.kubeconfigPath };
}

function lookAround(provider: Provider, { nodes }: ClusterLayout, retained: boolean): string {
  return retained
    ? `look around: ${provider.name} exec -it ${nodes[0]?.name} bash`
    : 'to look around in the node, run it again with --retain';
}
