import { type KubeadmDocument, kubeadmConfig } from '../node/kubeadm-config.ts';
import { RUNTIMES } from '../node/runtime/runtimes.ts';
import type { ClusterLayout } from './layout.ts';

/**
 * The ClusterConfiguration of kubeadm with the user's patches, before there is a node: right in all that depends on the cluster alone.
 * @throws {KinpodError} `invalid-patch`
 */
export function plannedClusterConfiguration(layout: ClusterLayout): KubeadmDocument | undefined {
  const { config, first } = layout;
  const documents = kubeadmConfig({
    cluster: config,
    node: first.config,
    nodeName: first.name,
    // Of the node nothing is known yet but its name.
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
  return documents.find((d) => d.kind === 'ClusterConfiguration');
}
