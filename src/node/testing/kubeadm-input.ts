import { loadClusterConfig } from '../../config/load.ts';
import { KubernetesVersion } from '../../kube/version.ts';
import type { KubeadmInput } from '../kubeadm-config.ts';
import { RUNTIMES } from '../runtime/runtimes.ts';

export function clusterOf(yaml = '') {
  return loadClusterConfig({ text: `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${yaml}`, path: 'test.yaml' })
    .config;
}

/** The first node of a configuration, in a cluster of one control plane on a host that allows everything. */
export function kubeadmInput(yaml = '', overrides: Partial<KubeadmInput> = {}): KubeadmInput {
  const cluster = clusterOf(yaml);
  const [node] = cluster.nodes;
  if (!node) throw new Error('a config has a node');
  return {
    cluster,
    node,
    nodeName: 'kind-control-plane',
    addresses: ['10.89.128.1'],
    controlPlaneEndpoint: 'kind-control-plane:6443',
    controlPlanes: 1,
    version: new KubernetesVersion('v1.36.3'),
    criSocket: RUNTIMES.containerd.socket,
    providerName: 'podman',
    cgroupV1: false,
    restricted: false,
    rootless: false,
    ...overrides,
  };
}
