import type { NodeInfo } from '../provider/provider.ts';

/** What {@link up} does, through the library: the caller binds its provider, progress and environment into these. */
export interface UpActions {
  /** Nodes of a cluster; of all clusters where none is named. */
  nodes(cluster?: string): Promise<NodeInfo[]>;
  /** Whether a create has come to its end: the last thing it does is to write the kubeconfig. */
  isFinished(cluster: string): Promise<boolean>;
  create(cluster: string, signal: AbortSignal): Promise<void>;
  remove(cluster: string): Promise<void>;
  /** Start those that are stopped. @returns their names */
  start(nodes: readonly NodeInfo[], signal: AbortSignal): Promise<string[]>;
  stop(nodes: readonly NodeInfo[], seconds: number): Promise<void>;
  /** Write the kubeconfig, with an address that is good where this runs. */
  writeKubeconfig(cluster: string): Promise<void>;
  /**
   * Make sure that the API server has an address here, before it is asked for long.
   * @throws {KinpodError} `not-connected`
   */
  reach(cluster: string): Promise<void>;
  /** Ask the API server whether it takes requests. Never throws. */
  isReady(cluster: string): Promise<boolean>;
  /** Tell the outside. */
  publishReady(ready: boolean): Promise<void>;
  /** @returns the exit status */
  runCommand(argv: readonly string[], signal: AbortSignal): Promise<number>;
}
