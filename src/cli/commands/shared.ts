import { DEFAULT_CLUSTER_NAME } from '../../config/defaults.ts';
import { isAbort, KinpodError, kindMessageOf, messageOf } from '../../errors/kinpod-error.ts';
import type { DeleteClusterOptions, Mendable } from '../../index.ts';
import { flag } from '../flag.ts';
import type { Output } from '../output.ts';

/** The cluster that is meant: an empty name is none, as in kind. */
export function clusterName(name: string | undefined): string {
  return name || DEFAULT_CLUSTER_NAME;
}

/** Flags that several commands share. */
export const sharedFlags = {
  name: flag.text('cluster name', {
    short: 'n',
    value: 'NAME',
    default: DEFAULT_CLUSTER_NAME,
    env: 'CLUSTER_NAME',
    names: 'cluster',
  }),
  /** Of a cluster that need not be there yet. */
  newName: flag.text('cluster name', {
    short: 'n',
    value: 'NAME',
    default: 'the name in the configuration, else kind',
    env: 'CLUSTER_NAME',
  }),
  kubeconfig: flag.path('kubeconfig file to change', { default: '$KUBECONFIG or ~/.kube/config' }),
  internal: flag.boolean("use the API server's address inside the nodes' network"),
  published: flag.boolean(
    "use the address that the engine's own machine has, where kinpod runs in a container beside the nodes",
  ),
  server: flag.text(
    "this URL as the API server's, as it is reached from elsewhere; its host must be in the certificate",
    {
      value: 'URL',
    },
  ),
  output: flag.choice('print data for scripts', ['json'], { short: 'o' }),
} as const;

/** Go's `%q` of a list, as kind prints names: `["a" "b"]`. */
export function quoted(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(' ')}]`;
}

/**
 * Say first what failed: `failed to create cluster: …`. Bugs and interrupts are left as they are.
 * @param kindsWhat what kind says there, where it differs
 */
export async function explained<T>(what: string, work: Promise<T>, kindsWhat = what): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof KinpodError) || isAbort(error) || messageOf(error).startsWith('failed to ')) throw error;
    const { code, hint, details, docsUrl, exitCode, cause } = error;
    const kindMessage = `${kindsWhat}: ${kindMessageOf(error)}`;
    throw new KinpodError(`${what}: ${error.message}`, { code, hint, details, docsUrl, exitCode, cause, kindMessage });
  }
}

/** How the deletion of a cluster is told. kind looks at every kubeconfig, and tells twice of one that keeps it from that. */
export function deletion(out: Output, asKind: boolean): Pick<DeleteClusterOptions, 'everyKubeconfig' | 'onDeleted'> {
  return {
    everyKubeconfig: asKind,
    onDeleted: (_, nodes, failure) => {
      if (asKind && failure !== undefined) out.status(`failed to update kubeconfig: ${kindMessageOf(failure)}`);
      if (nodes.length > 0) out.status(`Deleted nodes: ${quoted(nodes)}`);
    },
  };
}

/** How the user is asked before something on the host is changed. */
export function confirmFix(confirm: (question: string) => Promise<boolean>): (result: Mendable) => Promise<boolean> {
  return ({ title, reason, fix }) => confirm(`${title}: ${reason}\n  ${fix.text.replaceAll('\n', '\n  ')}\nRun this?`);
}
