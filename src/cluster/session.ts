import { setMaxListeners } from 'node:events';
import { cheapFacts, type HostFacts, realHost, repairCheaply } from '../check/index.ts';
import type { Progress } from '../progress/progress.ts';
import { silent } from '../progress/progress.ts';
import { chooseProvider } from '../provider/detect.ts';
import type { Provider } from '../provider/provider.ts';

/** What every function of the library takes. */
export interface CommonOptions {
  /**
   * `docker`, `podman` or `kubernetes`. Default: `KINPOD_PROVIDER`, `KINPOD_EXPERIMENTAL_PROVIDER` or `KIND_EXPERIMENTAL_PROVIDER`, else
   * the first engine that can be used: Docker, Podman.
   */
  provider?: string | undefined;
  /** For nodes that are Pods: the kubeconfig context of the cluster that they run in. Default: the current one. */
  context?: string | undefined;
  /** For nodes that are Pods: where in that cluster. Default: the context's namespace. */
  namespace?: string | undefined;
  /** Told what is being done. Default: nobody. */
  progress?: Progress | undefined;
  /** Aborts the work; what was made is undone before the promise rejects. */
  signal?: AbortSignal | undefined;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

/** One call's view of the world: the engine, the host and who is told. */
export interface Session {
  provider: Provider;
  facts: HostFacts;
  progress: Progress;
  signal: AbortSignal | undefined;
  env: NodeJS.ProcessEnv;
}

/**
 * @param repair mend what is harmless to mend on this host before nodes are made, and tell it
 * @throws {KinpodError} `unknown-provider`, `engine-missing`
 */
export async function openSession(options: CommonOptions, repair = false): Promise<Session> {
  const host = realHost();
  const progress = options.progress ?? silent;
  const env = options.env ?? process.env;
  // Commands in several nodes at once listen to it: more than the ten that Node.js takes for a leak, which it would print.
  if (options.signal) setMaxListeners(0, options.signal);
  let facts = await cheapFacts(host);
  const { context, namespace } = options;
  const provider = await chooseProvider(options.provider, facts, env, { context, namespace });
  // Of a machine elsewhere nothing can be seen or mended from here.
  if (repair && !provider.nodesArePods && provider.outside !== 'elsewhere') {
    const repaired = await repairCheaply(facts, host);
    for (const line of repaired.done) progress.info(`Host: ${line}`);
    for (const line of repaired.warnings) progress.warn(line);
    facts = repaired.facts;
  }
  return { provider, facts, progress, signal: options.signal, env };
}
