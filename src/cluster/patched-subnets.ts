import type { ClusterConfig } from '../config/types.ts';
import { kubeadmConfig } from '../node/kubeadm-config.ts';
import { RUNTIMES } from '../node/runtime/runtimes.ts';
import type { ClusterLayout } from './layout.ts';

/**
 * The configuration with the subnets that patches give the cluster, where they do: the controller manager and the API server go
 * by kubeadm's documents, and what kinpod sets up itself must not differ from theirs. A controller manager that finds a Node
 * whose part is not of its subnet does not start.
 * @throws {KinpodError} `invalid-patch`
 */
export function withPatchedSubnets(layout: ClusterLayout): ClusterConfig {
  const { config, first } = layout;
  const documents = kubeadmConfig({
    cluster: config,
    node: first.config,
    nodeName: first.name,
    // Of the node nothing is known yet but its name, and the subnets depend on nothing else.
    addresses: ['0.0.0.0'],
    controlPlaneEndpoint: layout.controlPlaneEndpoint,
    controlPlanes: config.nodes.filter((n) => n.role === 'control-plane').length,
    version: first.version,
    criSocket: RUNTIMES[first.runtime].socket,
    providerName: layout.providerName,
    cgroupV1: false,
    restricted: false,
    rootless: false,
  });
  const patched = documents.find((d) => d.kind === 'ClusterConfiguration')?.networking as
    | { podSubnet?: string; serviceSubnet?: string }
    | undefined;
  const { networking } = config;
  const podSubnet = patched?.podSubnet || networking.podSubnet;
  const serviceSubnet = patched?.serviceSubnet || networking.serviceSubnet;
  return { ...config, networking: { ...networking, podSubnet, serviceSubnet } };
}
