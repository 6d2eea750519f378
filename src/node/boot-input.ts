import type { CertificateAndKey, ClusterPki } from '../pki/cluster-pki.ts';
import type { KubeadmInput } from './kubeadm-config.ts';

/** A node of a plan: the kubeadm input, and what the network needs. */
export interface BootInput extends KubeadmInput {
  /** The part of the pod subnet that is this node's, `10.244.0.0/24`, of each family that the cluster has. */
  podCidrs: readonly string[];
  /** The other nodes, with their addresses. */
  peers: readonly { podCidrs: readonly string[]; addresses: readonly string[] }[];
  /** First address of the (first) service subnet: the API server's Service. */
  apiServiceAddress: string;
  /** Contents of kinpod's boot scripts and units by file name. */
  scripts: Readonly<Record<string, string>>;
  pki: ClusterPki;
  /** containerd's configuration, where the cluster patches it; undefined: the image's own stays. */
  containerdConfig: string | undefined;
  /** Issued to BOOT_IDENTITY (boot-files.ts). */
  bootIdentity: CertificateAndKey;
}
