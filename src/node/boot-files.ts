import type { ClientIdentity, ClusterPki } from '../pki/cluster-pki.ts';
import type { BootInput } from './boot-input.ts';
import { cniConfig } from './cni.ts';
import { KUBEADM_PATCHES_DIR, type KubeadmDocument, kubeadmConfig, renderDocuments } from './kubeadm-config.ts';
import { remainingPart, skippedPhases } from './kubeadm-phases.ts';
import { networkEnvironment, peerRoutes } from './network-files.ts';
import { nodeObject } from './node-object.ts';
import { mirrorPod, PRIORITY_CLASSES } from './priority-classes.ts';
import { staticPodPatches } from './static-pods.ts';

/** A file or a link that a node gets before its first start. */
export type NodeFile =
  | { path: string; content: string /** Default 0o644. */; mode?: number }
  | { path: string; linkTo: string };

/**
 * Who sets the cluster up through its API, in the group that needs no RBAC object: those come a second later.
 * The node removes the certificate when it is set up.
 */
export const BOOT_IDENTITY: ClientIdentity = { commonName: 'kinpod:boot', organizations: ['system:masters'], days: 1 };

/** Where node images have containerd's configuration, kind's and kinpod's. */
export const CONTAINERD_CONFIG = '/etc/containerd/config.toml';

const HOME = '/kind/kinpod';

/** Everything that the first control plane needs before it boots. Pure: the same input gives the same files. */
export function bootFiles(input: BootInput): NodeFile[] {
  const documents = kubeadmConfig(input);
  return [
    ...scriptFiles(input.scripts),
    { path: `${HOME}/node.env`, content: environment(input, documents) },
    { path: `${HOME}/events`, content: '' },
    { path: `${HOME}/peers`, content: peerRoutes(input.peers) },
    { path: `${HOME}/node.json`, content: JSON.stringify(nodeObject(input, documents)) },
    { path: `${HOME}/mirror-pod.json`, content: JSON.stringify(mirrorPod(input.nodeName)) },
    ...PRIORITY_CLASSES.map((c) => ({ path: `${HOME}/${c.metadata.name}.json`, content: JSON.stringify(c) })),
    { path: `${HOME}/boot.crt`, content: input.bootIdentity.certPem },
    { path: `${HOME}/boot.key`, content: input.bootIdentity.keyPem, mode: 0o600 },
    { path: '/kind/kubeadm.conf', content: renderDocuments(documents), mode: 0o600 },
    ...staticPodPatches(input.version).map((p) => ({
      path: `${KUBEADM_PATCHES_DIR}/${p.target}+strategic.json`,
      content: JSON.stringify(p.patch),
    })),
    ...pkiFiles(input.pki),
    ...(input.containerdConfig === undefined ? [] : [{ path: CONTAINERD_CONFIG, content: input.containerdConfig }]),
    ...(input.cluster.networking.disableDefaultCNI
      ? []
      : [{ path: '/etc/cni/net.d/10-kindnet.conflist', content: cniConfig(input.podCidrs) }]),
  ];
}

/** The scripts, the units with the links by which systemd starts them, and what is added to the kubelet's unit. */
function scriptFiles(scripts: Readonly<Record<string, string>>): NodeFile[] {
  return Object.entries(scripts).flatMap(([name, content]): NodeFile[] => {
    if (name.endsWith('.sh')) return [{ path: `${HOME}/${name}`, content, mode: 0o755 }];
    if (name.endsWith('.conf')) return [{ path: `/etc/systemd/system/kubelet.service.d/${name}`, content }];
    const unit = `/etc/systemd/system/${name}`;
    const links = [...content.matchAll(/^(Wanted|Required)By=(\S+)$/gm)].map(([, how, target]) => ({
      path: `/etc/systemd/system/${target}.${how === 'Wanted' ? 'wants' : 'requires'}/${name}`,
      linkTo: unit,
    }));
    return [{ path: unit, content }, ...links];
  });
}

/** Shell assignments for the scripts. None of the values can hold a quote: they are names, addresses and subnets. */
function environment(input: BootInput, documents: readonly KubeadmDocument[]): string {
  const skipped = skippedPhases(documents);
  const variables = {
    NODE_NAME: input.nodeName,
    ...networkEnvironment(input, documents),
    SKIPPED_PHASES: skipped.join(','),
    ADDON_PHASE: remainingPart('addon', skipped),
    UPLOAD_PHASE: remainingPart('upload-config', skipped),
  };
  return Object.entries(variables)
    .map(([k, v]) => `${k}='${v}'\n`)
    .join('');
}

/** The authorities and the service account key; kubeadm issues everything else from them. */
function pkiFiles(pki: ClusterPki): NodeFile[] {
  const dir = '/etc/kubernetes/pki';
  const authorities = { ca: pki.kubernetes, 'etcd/ca': pki.etcd, 'front-proxy-ca': pki.frontProxy };
  return [
    ...Object.entries(authorities).flatMap(([name, ca]) => [
      { path: `${dir}/${name}.crt`, content: ca.certPem },
      { path: `${dir}/${name}.key`, content: ca.keyPem, mode: 0o600 },
    ]),
    { path: `${dir}/sa.pub`, content: pki.serviceAccount.publicKeyPem },
    { path: `${dir}/sa.key`, content: pki.serviceAccount.keyPem, mode: 0o600 },
  ];
}
