import { httpsUrl } from '../network/endpoint.ts';
import { patchKubeadmDocuments } from '../patch/kubeadm.ts';
import { type ExtraArgs, withArgument } from './extra-args.ts';
import { type KubeadmDocument, type KubeadmInput, kubeadmConfig } from './kubeadm-config.ts';
import { initPhases } from './kubeadm-phases.ts';
import type { NodePart } from './node-part.ts';
import { withServingCertificate } from './serving-certificate.ts';

/** A control plane as its peers reach it. */
export interface Member {
  name: string;
  address: string;
}

export interface PhaseInput extends KubeadmInput {
  part: NodePart;
  /** The kubeadm documents of the first control plane, patched. */
  firstDocuments: readonly KubeadmDocument[];
  /** All control planes. */
  members: readonly Member[];
}

/** Port at which etcd's members talk to each other. */
const ETCD_PEER_PORT = 2380;

interface ClusterConfiguration extends KubeadmDocument {
  apiServer?: { certSANs?: string[] };
  etcd?: { local?: { extraArgs?: ExtraArgs } };
}

/**
 * The documents by which kubeadm writes a node's files, beside those that describe the node. A further node differs from what
 * `kubeadm join` makes of it in nothing but the way: join asks a running cluster for the ClusterConfiguration and the
 * KubeletConfiguration, which are the first control plane's, and these are known before there is a cluster. kubeadm's phases
 * that only write files belong to `init`, so what JoinConfiguration says of the node stands in an InitConfiguration.
 *
 * Not for the cluster's ConfigMap: the list of etcd's members is true on the first boot only, and the certificate that components
 * serve with (serving-certificate.ts) is there on kinpod's own nodes only.
 */
export function phaseDocuments(input: PhaseInput): KubeadmDocument[] {
  const { part, firstDocuments, members, node } = input;
  const own = part === 'first' ? firstDocuments : kubeadmConfig(input);
  const shared = (kind: string) => firstDocuments.filter((d) => d.kind === kind);
  const kubelet = shared('KubeletConfiguration');
  return [
    ...shared('ClusterConfiguration')
      .map(withServingCertificate)
      .map((d) => (members.length > 1 ? withMembers(d, members) : d)),
    part === 'first' ? find(own, 'InitConfiguration') : initFromJoin(own, part),
    ...(part === 'first'
      ? kubelet
      : patchKubeadmDocuments(kubelet, node.kubeadmConfigPatches, node.kubeadmConfigPatchesJSON6902)),
  ];
}

function initFromJoin(documents: readonly KubeadmDocument[], part: NodePart): KubeadmDocument {
  const init = find(documents, 'InitConfiguration');
  const join = find(documents, 'JoinConfiguration');
  const { localAPIEndpoint } = (join.controlPlane ?? {}) as { localAPIEndpoint?: object };
  const registration = (join.nodeRegistration ?? {}) as { taints?: object[] };
  return {
    ...init,
    localAPIEndpoint: localAPIEndpoint ?? init.localAPIEndpoint,
    // Left out, kubeadm would give the taint of a control plane.
    nodeRegistration: part === 'worker' ? { ...registration, taints: registration.taints ?? [] } : registration,
    skipPhases: initPhases(join.skipPhases),
    patches: join.patches,
  };
}

/**
 * All members from the start, each of which needs the others: nobody is added to a running etcd, one after the other. Every API
 * server may answer for every other: until a control plane has its own, its kubelet talks to the first one's (network.sh).
 */
function withMembers(document: KubeadmDocument, members: readonly Member[]): KubeadmDocument {
  const { apiServer, etcd } = document as ClusterConfiguration;
  const certSANs = [...(apiServer?.certSANs ?? []), ...members.map((m) => m.address)];
  const peers = members.map((m) => `${m.name}=${httpsUrl({ host: m.address, port: ETCD_PEER_PORT })}`).join(',');
  const local = etcd?.local;
  return {
    ...document,
    apiServer: { ...apiServer, certSANs: [...new Set(certSANs)] },
    // An external one, by a patch, has no such list.
    ...(local && {
      etcd: { ...etcd, local: { ...local, extraArgs: withArgument(local.extraArgs, 'initial-cluster', peers) } },
    }),
  };
}

function find(documents: readonly KubeadmDocument[], kind: string): KubeadmDocument {
  const found = documents.find((d) => d.kind === kind);
  if (!found) throw new Error(`the kubeadm documents have no ${kind}`);
  return found;
}
