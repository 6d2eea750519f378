import type { RunOptions, RunResult } from '../../exec/run.ts';

/** The outer cluster, as checks ask it: the edge of the provider `kubernetes`, as far as they need it. */
export interface OuterEdge {
  namespace(): Promise<string>;
  /** One kubectl command. Does not throw where it fails, if told to. */
  request(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** What checks of the outer cluster look at. */
export interface OuterContext {
  outer: OuterEdge;
  namespace: string;
  /** The node image that clusters would be made from. */
  image: string;
  signal?: AbortSignal | undefined;
}
