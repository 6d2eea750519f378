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
import { createCluster } from './cluster/create-cluster.ts';
import { withKubectl } from './cluster/kubectl.ts';
import { getNodes } from './cluster/list.ts';
import { nodeImage, ownImage } from './cluster/node-images.ts';
import { type CommonOptions, openSession } from './cluster/session.ts';
import { type ConfigSource, clusterConfigJsonSchema, loadClusterConfig } from './config/load.ts';
import { run } from './exec/run.ts';
import { KIND_NODE_IMAGE } from './image/node-image.ts';
import { type QuickstartResult, quickstart as runQuickstart } from './quickstart/index.ts';
import type { UpClusterOptions } from './up/index.ts';

export {
  type CheckReport,
  type CheckResult,
  type CheckScope,
  type FixReport,
  type Mendable,
  renderReport,
} from './check/index.ts';
export type { OuterReport } from './check/kubernetes/index.ts';
export { type CreateClusterOptions, type CreatedCluster, createCluster } from './cluster/create-cluster.ts';
export { type DeleteClusterOptions, deleteCluster, deleteClusters } from './cluster/delete-cluster.ts';
export {
  type EndpointOptions,
  exportKubeconfig,
  getKubeconfig,
  type KubeconfigOptions,
} from './cluster/export-kubeconfig.ts';
export { kubectl } from './cluster/kubectl.ts';
export { getClusters, getNodes } from './cluster/list.ts';
export { type LoadOptions, loadArchives, loadImages } from './cluster/load.ts';
export { type ExportedLogs, type ExportLogsOptions, exportLogs } from './cluster/logs/export-logs.ts';
export { buildNodeImage } from './cluster/node-images.ts';
export { buildPodImage } from './cluster/pod-image.ts';
export { type ProxyOptions, proxy } from './cluster/proxy.ts';
export type { CommonOptions } from './cluster/session.ts';
export type { ConfigSource } from './config/load.ts';
export { KinpodError } from './errors/kinpod-error.ts';
export type { LoadedImages } from './image/load/load-images.ts';
export { type Progress, type ProgressStep, silent } from './progress/progress.ts';
export type { NodeInfo } from './provider/provider.ts';
export { type QuickstartResult, renderQuickstart } from './quickstart/index.ts';
export type { UpClusterOptions } from './up/index.ts';
export { type Version, version } from './version.ts';

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

/**
 * Bring a cluster up (make it, or start it where it is stopped), keep it up, and stop it when `signal` aborts; or run a command
 * against a fresh one.
 * @returns the exit status of the command, else 0
 * @throws {KinpodError} `container-unfit` in a container of the pod image in which no nodes can be made, and what creating throws
 */
export async function up(options: UpClusterOptions = {}): Promise<number> {
  const { bringUp } = await import('./up/index.ts');
  return bringUp(options);
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
