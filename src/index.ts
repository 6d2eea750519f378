import {
  type CheckReport,
  type CheckScope,
  checkHost as check,
  type FixReport,
  fixHost as fix,
  type Mendable,
  realHost,
} from './check/index.ts';
import type { OuterReport } from './check/kubernetes/index.ts';
import { createCluster as runCreate } from './cluster/create-cluster.ts';
import { createPlan } from './cluster/create-plan.ts';
import { administrator, findApiNodes } from './cluster/existing.ts';
import { hostWarnings } from './cluster/host-warnings.ts';
import { withKubectl } from './cluster/kubectl.ts';

import { checkOuterName, removeStaleClaim, withClaimedName } from './cluster/name-claim.ts';
import { contextName, needsLoadBalancer, serverName } from './cluster/names.ts';
import { localImages, nodeImage, nodeImages, ownImage, runtimeWarnings } from './cluster/node-images.ts';
import { supplyOuterNodes } from './cluster/outer-images.ts';
import { describePlan } from './cluster/plan.ts';
import { forwardToCluster } from './cluster/proxy.ts';
import { publishWarnings } from './cluster/published-ports.ts';
import { type CommonOptions, openSession, type Session } from './cluster/session.ts';
import { Stages } from './cluster/stages.ts';
import { type ApiServerOptions, withApiServer } from './config/api-server.ts';
import { type ConfigSource, clusterConfigJsonSchema, loadClusterConfig } from './config/load.ts';
import { judgePodFields } from './config/pod-fields.ts';
import type { PodExpose } from './config/types.ts';
import { run } from './exec/run.ts';
import { timeFactor } from './exec/time-factor.ts';
import { KIND_NODE_IMAGE, loadBalancerImage } from './image/node-image.ts';
import { checkKubeconfig, mergeKubeconfig, removeKubeconfig, renderKubeconfig } from './kubeconfig/kubeconfig.ts';
import { httpsUrl } from './network/endpoint.ts';
import { bootScripts } from './node/boot-scripts.ts';
import type { RuntimeName } from './node/runtime/runtimes.ts';
import { createClusterPki } from './pki/cluster-pki.ts';
import { silent } from './progress/progress.ts';
import type { NodeInfo, Provider } from './provider/provider.ts';
import { type QuickstartResult, quickstart as runQuickstart } from './quickstart/index.ts';

export {
  type CheckReport,
  type CheckResult,
  type CheckScope,
  type FixReport,
  type Mendable,
  renderReport,
} from './check/index.ts';
export type { OuterReport } from './check/kubernetes/index.ts';
export { type LoadOptions, loadArchives, loadImages } from './cluster/load.ts';
export { type ExportedLogs, type ExportLogsOptions, exportLogs } from './cluster/logs/export-logs.ts';
export { buildNodeImage } from './cluster/node-images.ts';
export { buildPodImage } from './cluster/pod-image.ts';
export type { CommonOptions } from './cluster/session.ts';
export type { ConfigSource } from './config/load.ts';
export { KinpodError } from './errors/kinpod-error.ts';
export type { LoadedImages } from './image/load/load-images.ts';
export { type Progress, type ProgressStep, silent } from './progress/progress.ts';
export type { NodeInfo } from './provider/provider.ts';
export { type QuickstartResult, renderQuickstart } from './quickstart/index.ts';
export { type Version, version } from './version.ts';

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

export interface KubeconfigOptions extends CommonOptions {
  /** File to write to. Default `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
}

export interface EndpointOptions extends CommonOptions {
  /** The address inside the nodes' network instead of the published one. Default false. */
  internal?: boolean | undefined;
  /** The address that the engine publishes, also where its machine is another than this container. Default false. */
  published?: boolean | undefined;
  /** This URL instead: how the API server is reached from elsewhere. Its host must be in the server's certificate. */
  server?: string | undefined;
}

/**
 * Create a cluster. What fails or is aborted is undone before the promise rejects.
 * @throws {KinpodError} among others `invalid-config`, `needs-pods`, `name-in-use`, `image-not-found`, `wrong-runtime`,
 *   `port-in-use`, `boot-failed`
 * @throws AbortError if `signal` aborts
 */
export async function createCluster(options: CreateClusterOptions = {}): Promise<CreatedCluster> {
  const started = Date.now();
  const { name, image, runtime, expose, storage, storageClass } = options;
  const overrides = { name, image, runtime, expose, storage, storageClass };
  const { warnings, given, podFields, ...loaded } = loadClusterConfig(options.config, overrides);
  const asked = withApiServer(loaded.config, options.apiServer);
  const pki = early(createClusterPki());
  const session = await openSession(options, !options.dryRun);
  const { provider, progress, signal } = session;
  await checkOuterName(provider, asked.name);
  const server = serverName(asked);
  const config = provider.fitConfig ? await provider.fitConfig(asked, given, server) : asked;
  const ofProvider = [
    ...judgePodFields(podFields, provider),
    ...Object.entries({ '--expose': expose, '--storage': storage, '--storage-class': storageClass }).flatMap(
      ([flag, value]) =>
        value && !provider.nodesArePods
          ? [`${flag} is for nodes that are Pods, and has no effect on ${provider.name}`]
          : [],
    ),
    ...publishWarnings(config, provider),
  ];
  const ofHost = provider.nodesArePods ? [] : await hostWarnings(config, realHost(session.env));
  for (const warning of [...warnings, ...ofProvider, ...ofHost]) progress.warn(warning);
  checkKubeconfig(options.kubeconfig, session.env);
  if (!options.dryRun) await supplyOuterNodes(config, session);
  const here = early(localImages(config, session));
  if (!options.dryRun) early(provider.ensureNetwork(signal));
  const create = async (): Promise<CreatedCluster> => {
    if (!options.dryRun) progress.info(`Creating cluster "${config.name}" ...`);
    const images = await nodeImages(config, session, await here, Boolean(options.dryRun));
    for (const warning of runtimeWarnings(config, images)) progress.warn(warning);
    const input = {
      ...(await createInput(options, session)),
      config,
      images,
      loadBalancerImage: needsLoadBalancer(config)
        ? await loadBalancerImage(provider, images, ownImage(config.runtime))
        : undefined,
      pki: await pki,
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
    return await withClaimedName(provider, config.name, create, { dryRun: Boolean(options.dryRun) });
  } catch (error) {
    // Ctrl-C reaches the engine's commands too: what they then complain of is not what happened.
    signal?.throwIfAborted();
    throw error;
  }
}

/** Begin what is awaited later. A failure is told then, or not at all where something else has failed before. */
function early<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

/** What a create needs besides the cluster's own description. */
async function createInput(options: CreateClusterOptions, { env, progress, signal }: Session) {
  return {
    env,
    progress,
    signal,
    scripts: await bootScripts(),
    kubeconfig: options.kubeconfig,
    waitMs: options.waitMs ?? 0,
    retain: options.retain ?? false,
    timeoutFactor: options.timeoutFactor ?? timeFactor(env),
  };
}

export interface DeleteClusterOptions extends KubeconfigOptions {
  /** Let every kubeconfig file that may have an entry be read and locked, as kind does. Default: only those that have one. */
  everyKubeconfig?: boolean | undefined;
  /** Told of the cluster's nodes when they are gone, and why a kubeconfig keeps its entry, before that is thrown. */
  onDeleted?: ((cluster: string, nodes: readonly string[], kubeconfigFailure: unknown) => void) | undefined;
}

/**
 * Delete a cluster and all that belongs to it, also what a killed create left. One that does not exist is no error.
 * @returns the names of the nodes that were there
 */
export async function deleteCluster(name: string, options: DeleteClusterOptions = {}): Promise<{ nodes: string[] }> {
  const { provider, env } = await openSession(options);
  const [nodes, kubeconfig] = await Promise.allSettled([
    provider.deleteCluster(name),
    removeEntry(provider, name, options, env),
    removeStaleClaim(provider, name),
  ]);
  if (nodes.status === 'rejected') throw nodes.reason;
  // A kubeconfig that cannot be changed does not keep the nodes alive.
  const kubeconfigFailure: unknown = kubeconfig.status === 'rejected' ? kubeconfig.reason : undefined;
  options.onDeleted?.(name, nodes.value, kubeconfigFailure);
  if (kubeconfigFailure !== undefined) throw kubeconfigFailure;
  return { nodes: nodes.value };
}

/** A cluster of the same name may be elsewhere, and the one around it have that name. */
async function removeEntry(
  provider: Provider,
  name: string,
  { kubeconfig, everyKubeconfig: everyFile }: DeleteClusterOptions,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const of = { outer: await provider.outerCluster?.() };
  return removeKubeconfig(contextName(name), kubeconfig, env, { everyFile, of });
}

/**
 * Delete clusters one after the other; one that fails does not keep the others alive.
 * @param names `all` for every cluster of the provider
 */
export async function deleteClusters(
  names: readonly string[] | 'all',
  options: DeleteClusterOptions = {},
): Promise<{ clusters: string[]; failures: { name: string; error: unknown }[] }> {
  const deleted: string[] = [];
  const failures: { name: string; error: unknown }[] = [];
  for (const name of names === 'all' ? await getClusters(options) : names) {
    options.signal?.throwIfAborted();
    try {
      await deleteCluster(name, options);
      deleted.push(name);
    } catch (error) {
      failures.push({ name, error });
    }
  }
  return { clusters: deleted, failures };
}

export async function getClusters(options: CommonOptions = {}): Promise<string[]> {
  return (await openSession(options)).provider.listClusters();
}

/** @param name undefined for the nodes of all clusters */
export async function getNodes(name: string | undefined, options: CommonOptions = {}): Promise<NodeInfo[]> {
  return (await openSession(options)).provider.listNodes(name);
}

async function accessEntry(provider: Provider, name: string, { internal, published, server }: EndpointOptions) {
  const nodes = await findApiNodes(provider, name);
  const entry = await administrator(provider, nodes, internal ?? false);
  const there = published ? await provider.publishedEndpoint?.(nodes.server.name) : undefined;
  return { ...entry, server: server ?? (there ? httpsUrl(there) : entry.server) };
}

/** @throws {KinpodError} `no-such-cluster`, `node-stopped` */
export async function getKubeconfig(name: string, options: EndpointOptions = {}): Promise<string> {
  const { provider } = await openSession(options);
  return renderKubeconfig(await accessEntry(provider, name, options));
}

/** @throws {KinpodError} `no-such-cluster`, `node-stopped`, `invalid-kubeconfig` */
export async function exportKubeconfig(
  name: string,
  options: EndpointOptions & KubeconfigOptions = {},
): Promise<{ path: string; context: string }> {
  const { provider, env, signal } = await openSession(options);
  const entry = await accessEntry(provider, name, options);
  return { path: await mergeKubeconfig(entry, options.kubeconfig, env, signal), context: entry.name };
}

/**
 * Run the kubectl of a cluster's version on this host, with this process' stdin, stdout and stderr.
 * @returns kubectl's exit code
 * @throws {KinpodError} `no-such-cluster`, `node-stopped`
 */
export async function kubectl(name: string, args: readonly string[], options: CommonOptions = {}): Promise<number> {
  const { provider, signal } = await openSession(options);
  return withKubectl(provider, name, signal, async (command, env) => {
    const { exitCode } = await run(command, args, { env, inherit: true, allowFailure: true, signal });
    return exitCode;
  });
}

export interface ProxyOptions extends CommonOptions {
  /** Port on 127.0.0.1. Default: the one that the cluster's kubeconfig has, or another where that is in use. */
  port?: number | undefined;
  /** Told when the port is open, with the URL there. */
  onListening?: ((url: string) => void) | undefined;
}

/**
 * Forward a port of this host to the API server of a cluster whose nodes are Pods, until `signal` aborts or the cluster is deleted.
 * It waits through restarts of either, so that to clients the server is slow, not gone.
 * @throws {KinpodError} `no-such-cluster`, `published-anyhow`
 */
export async function proxy(name: string, options: ProxyOptions): Promise<void> {
  const session = await openSession(options);
  await forwardToCluster(name, session, options);
}

/** What a host check is to look at. */
export interface CheckHostOptions extends CommonOptions {
  /** What the host is to be good for: to run clusters, to build node images, or both. Default `all`. */
  scope?: CheckScope | 'all' | undefined;
}

/** Look at everything that kinpod needs of this host. Changes nothing. */
export function checkHost(options: CheckHostOptions = {}): Promise<CheckReport> {
  const { env, provider, scope, signal } = options;
  return check(realHost(env), { provider, scope, signal });
}

/**
 * Mend what a report names and kinpod can mend; what that came to is in the result.
 * @param options `confirm` is asked before each fix; default: all are made
 */
export function fixHost(
  report: CheckReport,
  options: CommonOptions & { confirm?: ((result: Mendable) => Promise<boolean>) | undefined } = {},
): Promise<FixReport> {
  const { confirm, progress, signal } = options;
  return fix(report, realHost(options.env), { confirm, progress, signal });
}

/** What a check of a cluster for nodes that are Pods is to look at. */
export interface CheckOuterClusterOptions extends CommonOptions {
  /** Node image that clusters would be made from. Default: kinpod's own. */
  image?: string | undefined;
}

/** Look at everything that nodes as Pods need of the cluster that they would be in. Makes Pods that look at its nodes, and removes them. */
export async function checkOuterCluster(options: CheckOuterClusterOptions = {}): Promise<OuterReport> {
  const { context, namespace, signal, image = ownImage() } = options;
  const { checkPods } = await import('./check/kubernetes/index.ts');
  return checkPods({ context, namespace, image, signal }, options.env ?? process.env);
}

export interface QuickstartOptions extends CommonOptions {
  /** Name of the cluster to make or to use. Default `kind`. */
  name?: string | undefined;
  /** Asked before each change of the host. Default: all are made. */
  confirm?: ((result: Mendable) => Promise<boolean>) | undefined;
}

/**
 * From any state of this host to an answer of a sample workload in a cluster. What is there already is used.
 * @throws {KinpodError} `host-not-ready`, `cluster-stopped`, `workload-failed`, and what creating a cluster throws
 */
export function quickstart(options: QuickstartOptions = {}): Promise<QuickstartResult> {
  const { name, progress, signal } = options;
  const session = () => openSession(options);
  const own = ownImage();
  return runQuickstart(
    {
      checkHost: (scope) => checkHost({ ...options, scope }),
      fixHost: (report) => fixHost(report, options),
      findImage: async () => {
        const { provider } = await session();
        for (const reference of [own, KIND_NODE_IMAGE]) if (await provider.findImage(reference)) return reference;
        return undefined;
      },
      ensureImage: async (beforeBuild) => (await nodeImage(undefined, await session(), { beforeBuild })).reference,
      getNodes: (cluster) => getNodes(cluster, options),
      createCluster: async (cluster, image) => void (await createCluster({ ...options, name: cluster, image })),
      kubectl: async (cluster, args, { input, signal: ended, onLine } = {}) => {
        const { provider } = await session();
        return withKubectl(provider, cluster, ended ?? signal, (command, env) =>
          run(command, args, { env, input, onLine, allowFailure: true, signal: ended ?? signal }),
        );
      },
    },
    { cluster: name, progress, signal },
  );
}

export interface UpClusterOptions extends CommonOptions {
  /** Default: the configuration's name, else `kind`. */
  name?: string | undefined;
  /** Default `KINPOD_CONFIG`, a path or the configuration itself. */
  config?: ConfigSource | undefined;
  image?: string | undefined;
  /** Run against a fresh cluster. Default: the cluster stays until `signal` aborts. */
  command?: readonly string[] | undefined;
  /** Milliseconds within which the nodes are stopped at the end. Default 8 s: engines give a container 10 s. */
  graceMs?: number | undefined;
  /** Leave the cluster of a command as it is. */
  retain?: boolean | undefined;
  /** File that exists while the cluster takes requests. */
  readyFile?: string | undefined;
}

/**
 * Bring a cluster up (make it, or start it where it is stopped), keep it up, and stop it when `signal` aborts; or run a command
 * against a fresh one.
 * @returns the exit status of the command, else 0
 * @throws {KinpodError} `container-unfit` in a container of the pod image in which no nodes can be made, and what creating throws
 */
export async function up(options: UpClusterOptions = {}): Promise<number> {
  const { bringUp } = await import('./up/index.ts');
  return bringUp(options, { createCluster, deleteCluster, exportKubeconfig });
}

/** Check a cluster configuration without making anything. @throws {KinpodError} `invalid-config` with every problem */
export function validateConfig(config: ConfigSource): {
  name: string;
  nodes: number;
  warnings: string[];
} {
  const { config: cluster, warnings } = loadClusterConfig(config);
  return { name: cluster.name, nodes: cluster.nodes.length, warnings };
}

/** JSON Schema of the configuration formats, for editors. */
export function configSchema(): object {
  return clusterConfigJsonSchema();
}
