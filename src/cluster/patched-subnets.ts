import type { ClusterConfig } from '../config/types.ts';
import type { ClusterLayout } from './layout.ts';
import { plannedClusterConfiguration } from './planned-documents.ts';

/**
 * The configuration with the subnets that patches give the cluster, where they do: the controller manager and the API server go
 * by kubeadm's documents, and what kinpod sets up itself must not differ from theirs. A controller manager that finds a Node
 * whose part is not of its subnet does not start.
 * @throws {KinpodError} `invalid-patch`
 */
export function withPatchedSubnets(layout: ClusterLayout): ClusterConfig {
  const { config } = layout;
  const patched = plannedClusterConfiguration(layout)?.networking as
    | { podSubnet?: string; serviceSubnet?: string }
    | undefined;
  const { networking } = config;
  const podSubnet = patched?.podSubnet || networking.podSubnet;
  const serviceSubnet = patched?.serviceSubnet || networking.serviceSubnet;
  return { ...config, networking: { ...networking, podSubnet, serviceSubnet } };
}
