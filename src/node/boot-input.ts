import type { CertificateAndKey, ClusterPki } from '../pki/cluster-pki.ts';
import type { NodeObject } from './node-object.ts';
import type { PhaseInput } from './phase-config.ts';

/** Contents of kinpod's boot scripts and units by file name: those of every node, of the first control plane, of the others. */
export type BootScripts = Readonly<Record<'all' | 'first' | 'further', Readonly<Record<string, string>>>>;

/** A node of a plan: the kubeadm input, and what the network needs. */
export interface BootInput extends PhaseInput {
  /** The part of the pod subnet that is this node's, `10.244.0.0/24`, of each family that the cluster has. */
  podCidrs: readonly string[];
  /** The node's addresses on the network, those too that the cluster does not use. */
  networkAddresses: readonly string[];
  /** The other nodes, with their addresses on the network. */
  peers: readonly { podCidrs: readonly string[]; addresses: readonly string[] }[];
  /** First address of the (first) service subnet: the API server's Service. */
  apiServiceAddress: string;
  /** Addresses of the first control plane on the network. */
  firstAddresses: readonly string[];
  /** Addresses of the load balancer on the network; none where there is no load balancer. */
  loadBalancerAddresses: readonly string[];
  /** The Node objects of the cluster, which the first control plane makes. */
  nodeObjects: readonly NodeObject[];
  scripts: BootScripts;
  pki: ClusterPki;
  /** containerd's configuration, where the cluster patches it; undefined: the image's own stays. */
  containerdConfig: string | undefined;
  /** Issued to BOOT_IDENTITY (boot-files.ts). */
  bootIdentity: CertificateAndKey;
  /** Issued to the node (kubelet-identity.ts); a control plane's kubelet gets its own from kubeadm. */
  kubeletIdentity: CertificateAndKey | undefined;
  /** What the kubelet serves with, issued to kubeletServer(). */
  kubeletServer: CertificateAndKey;
  /** What a control plane's components serve with, issued to componentServer(); undefined on a worker. */
  componentServer: CertificateAndKey | undefined;
}
