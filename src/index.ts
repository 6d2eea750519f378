import { KinpodError } from './errors/kinpod-error.ts';
import type { Progress } from './progress/progress.ts';
import type { NodeInfo } from './provider/provider.ts';

export { KinpodError } from './errors/kinpod-error.ts';
export { type Progress, type ProgressStep, silent } from './progress/progress.ts';
export type { NodeInfo } from './provider/provider.ts';
export { type Version, version } from './version.ts';

/** What every function takes. */
export interface CommonOptions {
  /** `podman`, `docker`. Default: `KINPOD_EXPERIMENTAL_PROVIDER`, else the first engine that answers. */
  provider?: string | undefined;
  /** Told what is being done. Default: nobody. */
  progress?: Progress | undefined;
  /** Aborts the work; what was made is undone before the promise rejects. */
  signal?: AbortSignal | undefined;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export interface CreateClusterOptions extends CommonOptions {
  /** Default: the configuration's name, else `kind`. */
  name?: string | undefined;
  /** A `kind.x-k8s.io/v1alpha4` document; `path` is for messages. Default: one control-plane node. */
  config?: { text: string; path: string } | undefined;
  /** Node image of every node. Default: the configuration's, else kinpod's own, else kind's. */
  image?: string | undefined;
  /** Keep the nodes where it fails. Default false. */
  retain?: boolean | undefined;
  /** Milliseconds to wait for the nodes to be ready. Default 0: do not wait. */
  waitMs?: number | undefined;
  /** File to write the kubeconfig to. Default `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
  /** Make the plan and return it without doing anything. */
  dryRun?: boolean | undefined;
  /** Multiplies every time limit, for slow machines. Default 1. */
  timeoutFactor?: number | undefined;
}

export interface CreatedCluster {
  name: string;
  image: string;
  nodes: string[];
  kubeconfigPath: string;
  /** The kubeconfig's context: `kind-<name>`. */
  context: string;
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
}

function missing(name: string): never {
  throw new KinpodError(`${name} is not part of this build`, { code: 'not-in-build' });
}

export async function createCluster(_options: CreateClusterOptions = {}): Promise<CreatedCluster> {
  return missing('createCluster');
}

export async function deleteCluster(_name: string, _options: KubeconfigOptions = {}): Promise<{ nodes: string[] }> {
  return missing('deleteCluster');
}

export async function deleteClusters(
  _names: readonly string[] | 'all',
  _options: KubeconfigOptions = {},
): Promise<{ clusters: string[] }> {
  return missing('deleteClusters');
}

export async function getClusters(_options: CommonOptions = {}): Promise<string[]> {
  return missing('getClusters');
}

/** @param _name undefined for the nodes of all clusters */
export async function getNodes(_name: string | undefined, _options: CommonOptions = {}): Promise<NodeInfo[]> {
  return missing('getNodes');
}

export async function getKubeconfig(_name: string, _options: EndpointOptions = {}): Promise<string> {
  return missing('getKubeconfig');
}

export async function exportKubeconfig(
  _name: string,
  _options: EndpointOptions & KubeconfigOptions = {},
): Promise<{ path: string; context: string }> {
  return missing('exportKubeconfig');
}

/** @param _dir default: a new temporary directory */
export async function exportLogs(
  _name: string,
  _dir: string | undefined,
  _options: CommonOptions = {},
): Promise<{ dir: string }> {
  return missing('exportLogs');
}

export async function loadImageArchives(
  _name: string,
  _files: readonly string[],
  _options: CommonOptions & { nodes?: readonly string[] | undefined } = {},
): Promise<void> {
  return missing('loadImageArchives');
}

/** @returns kubectl's exit code */
export async function kubectl(_name: string, _args: readonly string[], _options: CommonOptions = {}): Promise<number> {
  return missing('kubectl');
}
