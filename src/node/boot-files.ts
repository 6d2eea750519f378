import type { ClientIdentity, ClusterPki, ServerIdentity } from '../pki/cluster-pki.ts';
import type { BootInput } from './boot-input.ts';
import { cniConfig } from './cni.ts';
import { KUBEADM_PATCHES_DIR, kubeadmConfig, renderDocuments } from './kubeadm-config.ts';
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

/**
 * The kubelet as a server. Without a certificate it makes one of its own at its first start, which nobody can check and which
 * takes 0.1 s: it generates an RSA key. A year, like that one.
 */
export function kubeletServer(nodeName: string, address: string): ServerIdentity {
  return {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
    days: 365,
    dnsNames: [nodeName],
    addresses: [address],
  };
}

/** Where node images have containerd's configuration, kind's and kinpod's. */
export const CONTAINERD_CONFIG = '/etc/containerd/config.toml';

const HOME = '/kind/kinpod';

/** Everything that the first control plane needs before it boots. Pure: the same input gives the same files. */
export function bootFiles(input: BootInput): NodeFile[] {
  const documents = kubeadmConfig(input);
  return [
    ...scriptFiles(input.scripts),
    { path: `${HOME}/node.env`, content: environment(input) },
    { path: `${HOME}/events`, content: '' },
    { path: `${HOME}/peers`, content: input.peers.map((p) => `${p.podCidr} ${p.address}\n`).join('') },
    { path: `${HOME}/node.json`, content: JSON.stringify(nodeObject(input, documents)) },
    { path: `${HOME}/mirror-pod.json`, content: JSON.stringify(mirrorPod(input.nodeName)) },
    ...PRIORITY_CLASSES.map((c) => ({ path: `${HOME}/${c.metadata.name}.json`, content: JSON.stringify(c) })),
    { path: `${HOME}/boot.crt`, content: input.bootIdentity.certPem },
    { path: `${HOME}/boot.key`, content: input.bootIdentity.keyPem, mode: 0o600 },
    // Where a kubelet that is not told otherwise looks for them (InitializeTLS in cmd/kubelet/app/server.go).
    { path: '/var/lib/kubelet/pki/kubelet.crt', content: input.kubeletServer.certPem },
    { path: '/var/lib/kubelet/pki/kubelet.key', content: input.kubeletServer.keyPem, mode: 0o600 },
    { path: '/kind/kubeadm.conf', content: renderDocuments(documents), mode: 0o600 },
    ...staticPodPatches(input.version).map((p) => ({
      path: `${KUBEADM_PATCHES_DIR}/${p.target}+strategic.json`,
      content: JSON.stringify(p.patch),
    })),
    ...pkiFiles(input.pki),
    ...(input.containerdConfig === undefined ? [] : [{ path: CONTAINERD_CONFIG, content: input.containerdConfig }]),
    ...(input.cluster.networking.disableDefaultCNI
      ? []
      : [{ path: '/etc/cni/net.d/10-kindnet.conflist', content: cniConfig(input.podCidr) }]),
  ];
}

/** The scripts, the units with the links by which systemd starts them, and what is added to the image's own units. */
function scriptFiles(scripts: Readonly<Record<string, string>>): NodeFile[] {
  return Object.entries(scripts).flatMap(([name, content]): NodeFile[] => {
    if (name.endsWith('.sh')) return [{ path: `${HOME}/${name}`, content, mode: 0o755 }];
    const [, changed] = /^(.+)\.conf$/.exec(name) ?? [];
    if (changed) return [{ path: `/etc/systemd/system/${changed}.d/50-kinpod.conf`, content }];
    const unit = `/etc/systemd/system/${name}`;
    const links = [...content.matchAll(/^(Wanted|Required)By=(\S+)$/gm)].map(([, how, target]) => ({
      path: `/etc/systemd/system/${target}.${how === 'Wanted' ? 'wants' : 'requires'}/${name}`,
      linkTo: unit,
    }));
    return [{ path: unit, content }, ...links];
  });
}

/** Shell assignments for the scripts. None of the values can hold a quote: they are names, addresses and subnets. */
function environment({ nodeName, address, cluster, apiServiceAddress }: BootInput): string {
  const { kubeProxyMode, serviceSubnet } = cluster.networking;
  const variables = {
    NODE_NAME: nodeName,
    NODE_ADDRESS: address,
    // Another network plugin has its own way out of the cluster.
    MASQUERADE_SUBNET: cluster.networking.disableDefaultCNI ? '' : cluster.networking.podSubnet,
    // With ipvs, Service addresses are the node's own and stay in the packets.
    REFUSED_SUBNET: ['iptables', 'nftables'].includes(kubeProxyMode) ? serviceSubnet : '',
    API_SERVICE_ADDRESS: apiServiceAddress,
    API_BACKEND: kubeProxyMode === 'none' ? '' : `${address}:6443`,
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
