import { KubernetesVersion } from '../../kube/version.ts';
import { createClusterPki } from '../../pki/cluster-pki.ts';
import type { Provider } from '../../provider/provider.ts';

export const NODE_IMAGE = {
  reference: 'localhost/node:1',
  version: new KubernetesVersion('v1.36.3'),
  runtime: 'containerd' as const,
};

export const PKI = await createClusterPki();

/** What of an engine a plan looks at. Everything else it may use only when it runs. */
export const ENGINE = { name: 'podman', nodesArePods: false } as Provider;
