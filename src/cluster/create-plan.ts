import { randomUUID } from 'node:crypto';
import type { ClusterConfig } from '../config/types.ts';
import { Remembered } from '../exec/remembered.ts';
import type { NodeImage } from '../image/node-image.ts';
import type { ApiClient } from '../kube/client.ts';
import { mergeKubeconfig, removeKubeconfig } from '../kubeconfig/kubeconfig.ts';
import type { BootScripts } from '../node/boot-input.ts';
import type { NodePart } from '../node/node-part.ts';
import type { ClusterPki } from '../pki/cluster-pki.ts';
import type { Progress } from '../progress/progress.ts';
import { CREATION_LABEL } from '../provider/labels.ts';
import type { Provider } from '../provider/provider.ts';
import { accessTo, type ClusterAccess } from './access.ts';
import { type ClusterLayout, layOut, type NodeLayout } from './layout.ts';
import { contextName } from './names.ts';
import { withPatchedSubnets } from './patched-subnets.ts';
import type { Step, StepContext } from './plan.ts';
import type { Stages } from './stages.ts';
import { startedAhead } from './start-order.ts';
import { BOOT_LIMIT_SECONDS, checkBoot, followBoot } from './steps/boot.ts';
import { createNodes } from './steps/create-nodes.ts';
import { waitForKubelets } from './steps/join.ts';
import { waitForLoadBalancer } from './steps/load-balancer.ts';
import { waitForControlPlane } from './steps/ready.ts';

export interface CreateInput {
  config: ClusterConfig;
  /** Of each node, in the order of the config. */
  images: readonly NodeImage[];
  /** Of the node in front of several control planes, where there are several. */
  loadBalancerImage: string | undefined;
  /** The authorities of the new cluster. */
  pki: ClusterPki;
  scripts: BootScripts;
  /** Of the nodes, besides kinpod's own. */
  labels: Readonly<Record<string, string>>;
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

/** State that the steps of one create share. */
export interface Creation {
  layout: ClusterLayout;
  kubeconfigPath: string;
  /** URL of the API server in the kubeconfig. */
  server: string;
}

/** The steps of a create. Making the list has no effect; `provider` is only used when a step runs. */
export function createPlan(
  provider: Provider,
  input: CreateInput,
  stages: Stages,
): { steps: Step[]; creation: Creation } {
  const { config, pki } = input;
  const lay = (cluster: ClusterConfig) => layOut(cluster, input.images, provider.name, input.loadBalancerImage);
  const layout = lay(withPatchedSubnets(lay(config)));
  const creation: Creation = { layout, kubeconfigPath: '', server: '' };
  const { loadBalancer } = layout;
  const id = randomUUID();
  const labels = { ...input.labels, [CREATION_LABEL]: id };
  const ofPart = (part: NodePart) => layout.nodes.filter((n) => n.part === part);
  const [members, workers] = [ofPart('member'), ofPart('worker')];
  const limitMs = BOOT_LIMIT_SECONDS * 1000 * input.timeoutFactor;
  const ahead = startedAhead(layout, provider.nodesArePods);
  const create = `create and start nodes${ahead.length > 0 ? ', control planes first' : ''}`;

  const access = new Remembered<ClusterAccess>();
  const findAccess = (signal: AbortSignal) => access.get(config.name, () => accessTo(provider, layout, pki, signal));
  const withApi = async (signal: AbortSignal, use: (api: ApiClient) => Promise<void>) => {
    const api = (await findAccess(signal)).connect();
    try {
      await use(api);
    } finally {
      api.close();
    }
  };
  /** The boot of a worker is seen in the cluster. The control planes need each other before there is one. */
  const boot = (node: NodeLayout): Step => ({
    name: `boot ${node.name}`,
    after: [create],
    run: async ({ signal }) => {
      stages.enter('starting');
      const isFirst = node.part === 'first';
      const onEvent = isFirst ? stages.bootEvent.bind(stages) : () => {};
      await followBoot(provider, node.name, { signal, limitMs, onEvent });
      if (isFirst && members.length > 0) stages.enter('members');
      if (isFirst && members.length === 0 && workers.length > 0) stages.enter('workers');
    },
  });
  const boots = [layout.first, ...members].map(boot);
  /** The nodes are on their way since they booted: this is where they are awaited, in kind's order. */
  const join = (name: string, stage: 'members' | 'workers', nodes: readonly NodeLayout[], before: string[]): Step => ({
    name,
    after: [...before, ...boots.map((b) => b.name)],
    run: async ({ signal }) => {
      stages.enter(stage);
      const names = nodes.map((n) => n.name);
      const lookInside = (name: string) => checkBoot(provider, name);
      await withApi(signal, (api) => waitForKubelets(api, names, { withinMs: limitMs, signal, lookInside }));
    },
  });
  const joins = [
    ...(members.length > 0 ? [join('join control planes', 'members', members, [])] : []),
    ...(workers.length > 0
      ? [join('join workers', 'workers', workers, members.length > 0 ? ['join control planes'] : [])]
      : []),
  ];

  const steps: Step[] = [
    { name: 'network', run: ({ signal }) => provider.ensureNetwork(signal) },
    {
      name: create,
      after: ['network'],
      run: ({ signal }) => createNodes(provider, { ...input, layout, ahead, labels, signal, stages }),
      undo: async () => void (await provider.deleteCluster(config.name, id)),
    },
    ...(loadBalancer
      ? [
          {
            name: `wait for ${loadBalancer.name}`,
            after: [create],
            run: ({ signal }: StepContext) => waitForLoadBalancer(provider, loadBalancer.name, { ...input, signal }),
          },
        ]
      : []),
    // An engine takes a twentieth of a second to say where, in which nobody has to wait while the nodes boot. (Pods are asked when they
    // are made.) A node that is gone has more to say where its boot is followed.
    ...(provider.nodesArePods
      ? []
      : [
          {
            name: 'find the API server',
            after: [create],
            run: async ({ signal }: StepContext) => void (await findAccess(signal).catch(() => {})),
          },
        ]),
    ...boots,
    ...joins,
    {
      name: 'kubeconfig',
      after: [
        ...[...boots, ...joins].map((step) => step.name),
        ...(loadBalancer ? [`wait for ${loadBalancer.name}`] : []),
      ],
      run: async ({ signal }) => {
        const { kubeconfig } = await findAccess(signal);
        creation.server = kubeconfig.server;
        creation.kubeconfigPath = await mergeKubeconfig(kubeconfig, input.kubeconfig, input.env, signal);
      },
      undo: async () => void (await removeKubeconfig(contextName(config.name), input.kubeconfig, input.env)),
    },
  ];
  if (input.waitMs > 0) {
    const names = [layout.first, ...members].map((n) => n.name);
    steps.push({
      name: 'wait until Ready',
      after: ['kubeconfig'],
      run: ({ signal }) =>
        stages.waitForReady(input.waitMs, () =>
          withApi(signal, (api) => waitForControlPlane(api, names, input.waitMs, signal)),
        ),
    });
  }
  return { steps, creation };
}
