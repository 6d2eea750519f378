import type { CheckReport, CheckScope, FixReport } from '../check/index.ts';

export interface KubectlOptions {
  /** Written to kubectl's stdin. */
  input?: string | undefined;
  /** Ends kubectl; the promise then rejects with the abort. */
  signal?: AbortSignal | undefined;
  /** Called with every line of stdout and stderr as it comes. */
  onLine?: ((line: string) => void) | undefined;
}

export interface KubectlResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/**
 * What quickstart does, step by step, through the library. The caller binds its progress, abort signal and questions into
 * these: quickstart itself decides only what comes when.
 */
export interface QuickstartActions {
  checkHost(scope: CheckScope): Promise<CheckReport>;
  /** Mends what the user agrees to. */
  fixHost(report: CheckReport): Promise<FixReport>;
  /** Reference of the node image that is here already. */
  findImage(): Promise<string | undefined>;
  /** Pull or build the node image, and call `beforeBuild` first where it is to be built. @returns its reference */
  ensureImage(beforeBuild: () => Promise<void>): Promise<string>;
  /** Nodes of a cluster; none where there is no such cluster. */
  getNodes(cluster: string): Promise<readonly { name: string; running: boolean }[]>;
  createCluster(cluster: string, image: string): Promise<void>;
  /** Run a kubectl on this host against the cluster to its end; an exit code other than 0 does not reject. */
  kubectl(cluster: string, args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
}
