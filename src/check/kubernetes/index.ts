import { Kubectl, type OuterCluster } from '../../provider/kubernetes/kubectl.ts';
import { resolveOuter } from '../../provider/kubernetes/outer-cluster.ts';
import { lookAtNodes } from '../../provider/kubernetes/outer-nodes.ts';
import { checkOuter, type OuterReport } from './check-outer.ts';

export type { OuterReport } from './check-outer.ts';

export interface CheckPodsOptions extends OuterCluster {
  /** The node image that clusters would be made from. */
  image: string;
  signal?: AbortSignal | undefined;
}

/** Look at everything that clusters in Pods need of the cluster around them. @throws AbortError if `signal` aborts */
export function checkPods({ image, signal, ...wish }: CheckPodsOptions, env: NodeJS.ProcessEnv): Promise<OuterReport> {
  const cluster = resolveOuter(wish, env);
  const outer = new Kubectl(cluster, env);
  return checkOuter({
    outer,
    context: cluster.context,
    image,
    look: () => lookAtNodes(outer, image, signal),
    signal,
  });
}
