import { realHost } from '../check/index.ts';
import { type ApiServerOptions, withApiServer } from '../config/api-server.ts';
import { type ConfigSource, loadClusterConfig } from '../config/load.ts';
import { judgePodFields } from '../config/pod-fields.ts';
import type { PodExpose } from '../config/types.ts';
import { early } from '../exec/early.ts';
import { timeFactor, withTimeFactor } from '../exec/time-factor.ts';
import { loadBalancerImage } from '../image/node-image.ts';
import { checkKubeconfig } from '../kubeconfig/kubeconfig.ts';
import { bootScripts } from '../node/boot-scripts.ts';
import type { RuntimeName } from '../node/runtime/runtimes.ts';
import { silent } from '../progress/progress.ts';
import { checkContainer } from '../provider/container/own-engine.ts';
import { beginClusterKeys } from './cluster-keys.ts';
import { createPlan } from './create-plan.ts';
import { refuseFilesElsewhere } from './given-pki.ts';
import { hostWarnings, mountWarnings, unreadMounts } from './host-warnings.ts';
import { layOut } from './layout.ts';
import { checkOuterName, withClaimedName } from './name-claim.ts';
import { allNames, contextName, needsLoadBalancer, serverName } from './names.ts';
import { localImages, nodeImages, ownImage, runtimeWarnings } from './node-images.ts';
import { supplyOuterNodes } from './outer-images.ts';
import { outerNamesWarnings } from './outer-names.ts';
import { describePlan } from './plan.ts';
import { publishWarnings } from './published-ports.ts';
import { runCreate } from './run-create.ts';
import { type CommonOptions, openSession, type Session } from './session.ts';
import { Stages } from './stages.ts';

export interface CreateClusterOptions extends CommonOptions {
  /** Default: the configuration's name, else `kind`. */
  name?: string | undefined;
  /** A `kind.x-k8s.io/v1alpha4` or `kinpod.dev/v1alpha1` document; `path` is for messages. Default: one control-plane node. */
  config?: ConfigSource | undefined;
  /** Node image of every node. Default: the configuration's, else kinpod's own, else kind's, else a build of the own one. */
  image?: string | undefined;
  /** Container runtime of the nodes. Default: the configuration's, else the one that the image has. */
  runtime?: RuntimeName | undefined;
  /** Keep the nodes where it fails. Default false. */
  retain?: boolean | undefined;
  /** Milliseconds to wait for the control plane to be Ready. Default 0: do not wait. */
  waitMs?: number | undefined;
  /** File to write the kubeconfig to. Default `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
  /** Make the plan and return it without doing anything. */
  dryRun?: boolean | undefined;
  /** Multiplies every time limit of the create, for slow machines. Default: KINPOD_TIMEOUT_FACTOR, else 1. */
  timeoutFactor?: number | undefined;
  /**
   * For nodes that are Pods: how the API server is reached from outside of their cluster. Default: the configuration's, else what
   * works from here: `clusterip` in a Pod of that cluster, `port-forward` elsewhere.
   */
  expose?: PodExpose | undefined;
  /** How the API server is reached, where the configuration does not say it. */
  apiServer?: ApiServerOptions | undefined;
  /** Labels of the nodes, for whoever lists them. Default: none but kind's and kinpod's own. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** For nodes that are Pods: size of a volume for each, `10Gi`, which outlives its Pod. Default: the configuration's, else none. */
  storage?: string | undefined;
  /** For nodes that are Pods: StorageClass of the volumes. Default: the configuration's, else the outer cluster's own default. */
  storageClass?: string | undefined;
}

export interface CreatedCluster {
  name: string;
  image: string;
  nodes: string[];
  kubeconfigPath: string;
  /** The kubeconfig's context: `kind-<name>`. */
  context: string;
  /** URL of the API server, as the kubeconfig has it. */
  server: string;
  /** How long it took. */
  seconds: number;
  /** The steps in words, for a dry run. */
  plan?: string;
}

/**
 * Create a cluster. What fails or is aborted is undone before the promise rejects.
 * @throws {KinpodError} among others `invalid-config`, `needs-pods`, `name-in-use`, `image-not-found`, `wrong-runtime`,
 *   `port-in-use`, `boot-failed`
 * @throws AbortError if `signal` aborts
 */
export async function createCluster(options: CreateClusterOptions = {}): Promise<CreatedCluster> {
  return withTimeFactor(options.timeoutFactor ?? timeFactor(options.env), () => create(options));
}

async function create(options: CreateClusterOptions): Promise<CreatedCluster> {
  const started = Date.now();
  const { name, image, runtime, expose, storage, storageClass } = options;
  const overrides = { name, image, runtime, expose, storage, storageClass };
  const { warnings, given, podFields, ...loaded } = loadClusterConfig(options.config, overrides);
  const asked = withApiServer(loaded.config, options.apiServer);
  const keys = beginClusterKeys(loaded.config);
  const session = await openSession(options, !options.dryRun);
  const { provider, progress, signal } = session;
  const ownEngine = !provider.outside && !provider.nodesArePods;
  if (ownEngine && !options.dryRun) await checkContainer(session.env);
  if (provider.outside) refuseFilesElsewhere(asked);
  if (!provider.nodesArePods) await keys.checked;
  await checkOuterName(provider, asked.name);
  const names = { server: serverName(asked), all: allNames(asked) };
  const config = provider.fitConfig ? await provider.fitConfig(asked, given, names) : asked;
  const ofProvider = [
    ...judgePodFields(podFields, provider),
    ...Object.entries({ '--expose': expose, '--storage': storage, '--storage-class': storageClass }).flatMap(
      ([flag, value]) =>
        value && !provider.nodesArePods
          ? [`${flag} is for nodes that are Pods, and has no effect on ${provider.name}`]
          : [],
    ),
    ...unreadMounts(config),
    ...publishWarnings(config, provider),
    ...outerNamesWarnings(config, provider),
  ];
  const ofHost = ownEngine ? await hostWarnings(config, realHost(session.env)) : mountWarnings(config, provider);
  for (const warning of [...warnings, ...ofProvider, ...ofHost]) progress.warn(warning);
  checkKubeconfig(options.kubeconfig, session.env);
  if (!options.dryRun) await supplyOuterNodes(config, session);
  const here = early(localImages(config, session));
  if (!options.dryRun) early(provider.ensureNetwork(signal));
  const createNow = async (): Promise<CreatedCluster> => {
    if (!options.dryRun) progress.info(`Creating cluster "${config.name}" ...`);
    const images = await nodeImages(config, session, await here, Boolean(options.dryRun));
    for (const warning of runtimeWarnings(config, images)) progress.warn(warning);
    const balancerImage = needsLoadBalancer(config)
      ? await loadBalancerImage(provider, images, ownImage(config.runtime))
      : undefined;
    const input = {
      ...(await createInput(options, session)),
      config,
      images,
      loadBalancerImage: balancerImage,
      pki: await keys.of(layOut(config, images, provider.name, balancerImage)),
    };
    const result = { name: config.name, image: images[0].reference, context: contextName(config.name) };
    if (options.dryRun) {
      const { steps, creation } = createPlan(provider, input, new Stages(silent, config.nodes.length, true));
      const nodes = creation.layout.nodes.map((n) => n.name);
      return { ...result, nodes, kubeconfigPath: '', server: '', seconds: 0, plan: describePlan(steps) };
    }
    const created = await runCreate(provider, input);
    return { ...result, ...created, seconds: (Date.now() - started) / 1000 };
  };
  try {
    return await withClaimedName(provider, config.name, createNow, { dryRun: Boolean(options.dryRun) });
  } catch (error) {
    // Ctrl-C reaches the engine's commands too: what they then complain of is not what happened.
    signal?.throwIfAborted();
    throw error;
  }
}

/** What a create needs besides the cluster's own description. */
async function createInput(options: CreateClusterOptions, { env, progress, signal }: Session) {
  return {
    env,
    progress,
    signal,
    scripts: await bootScripts(),
    kubeconfig: options.kubeconfig,
    labels: options.labels ?? {},
    waitMs: options.waitMs ?? 0,
    retain: options.retain ?? false,
    timeoutFactor: timeFactor(env),
  };
}
