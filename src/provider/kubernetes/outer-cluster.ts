import { existsSync } from 'node:fs';
import { currentContext, outerOfCurrentContext } from '../../kubeconfig/kubeconfig.ts';
import type { OuterCluster } from './kubectl.ts';

/** Where the kubelet gives a Pod the rights of its service account. */
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Which cluster is the outer one, told in full, so that it can be told again. Named by the user; else the one around the current
 * context's cluster, where that has its nodes in Pods: a cluster that was just made is the current context, and who then asks for
 * clusters in Pods does not mean in there. Else the current context; else, in a Pod, its service account.
 */
export function resolveOuter(
  wish: OuterCluster,
  env: NodeJS.ProcessEnv,
  inPod = () => existsSync(TOKEN),
): OuterCluster {
  if (wish.context !== undefined) return wish;
  const around = outerOfCurrentContext(undefined, env);
  if (around) {
    const namespace = wish.namespace ?? around.namespace;
    return around.context === undefined ? { namespace, serviceAccount: true } : { context: around.context, namespace };
  }
  const context = currentContext(undefined, env);
  if (context !== undefined) return { ...wish, context };
  return inPod() ? { ...wish, serviceAccount: true } : wish;
}
