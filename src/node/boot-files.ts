import type { ClientIdentity, ClusterPki, ServerIdentity } from '../pki/cluster-pki.ts';
import type { BootInput } from './boot-input.ts';
import { clusterAdmins } from './cluster-admins.ts';
import { cniConfig } from './cni.ts';
import { KUBEADM_PATCHES_DIR, type KubeadmDocument, kubeadmConfig, renderDocuments } from './kubeadm-config.ts';
import { remainingPart, skippedPhases } from './kubeadm-phases.ts';
import { kubeletIdentityFiles } from './kubelet-identity.ts';
import { networkEnvironment, peerRoutes } from './network-files.ts';
import type { NodeFile } from './node-file.ts';
import { phaseDocuments } from './phase-config.ts';
import { mirrorPod, PRIORITY_CLASSES } from './priority-classes.ts';
import { servingFiles } from './serving-certificate.ts';
import { localProbes, staticPodPatches } from './static-pods.ts';

/**
 * Who sets the cluster up through its API, in the group that needs no RBAC object: those come a second later.
 * The node removes the certificate when it is set up.
 */
export const BOOT_IDENTITY: ClientIdentity = { commonName: 'kinpod:boot', organizations: ['system:masters'], days: 1 };

/**
 * The kubelet as a server. Without a certificate it makes one of its own at its first start, which nobody can check and which
 * takes 0.1 s: it generates an RSA key. A year, like that one.
 */
export function kubeletServer(nodeName: string, addresses: readonly string[]): ServerIdentity {
  return {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
    days: 365,
    dnsNames: [nodeName],
    addresses,
  };
}

/** Where node images have containerd's configuration, kind's and kinpod's. */
export const CONTAINERD_CONFIG = '/etc/containerd/config.toml';

const SERVING_CERT = '/var/lib/kubelet/pki/kubelet.crt';
const SERVING_KEY = '/var/lib/kubelet/pki/kubelet.key';

/** Where a kubelet that is not told otherwise looks for what it serves with (InitializeTLS in cmd/kubelet/app/server.go). */
export const KUBELET_SERVING_FILES: readonly string[] = [SERVING_CERT, SERVING_KEY];

const HOME = '/kind/kinpod';
/** Where kubeadm looks for the authorities and the service account key. */
export const PKI_DIR = '/etc/kubernetes/pki';

/** What each authority's files are called there, without the ending. */
export const AUTHORITIES = { kubernetes: 'ca', etcd: 'etcd/ca', frontProxy: 'front-proxy-ca' } as const;

/** Everything that a node needs before it boots. Pure: the same input gives the same files. */
export function bootFiles(input: BootInput): NodeFile[] {
  const { part, scripts } = input;
  const documents = kubeadmConfig(input);
  const phases = phaseDocuments(input);
  return [
    ...scriptFiles({ ...scripts.all, ...(part === 'first' ? scripts.first : scripts.further) }),
    { path: `${HOME}/node.env`, content: environment(input, phases) },
    { path: `${HOME}/events`, content: '' },
    { path: `${HOME}/peers`, content: peerRoutes(input.peers) },
    // What describes the node, as kind has it there, and what kubeadm goes by when it writes the node's files.
    { path: '/kind/kubeadm.conf', content: renderDocuments(documents), mode: 0o600 },
    { path: `${HOME}/kubeadm.conf`, content: renderDocuments(phases), mode: 0o600 },
    { path: SERVING_CERT, content: input.kubeletServer.certPem },
    { path: SERVING_KEY, content: input.kubeletServer.keyPem, mode: 0o600 },
    ...[...staticPodPatches(input.version, input.timeoutFactor), ...localProbes(part, input.firstDocuments)].map(
      (p, i) => ({
        // Of several patches of one target, kubeadm tells which comes first by what stands before the plus.
        path: `${KUBEADM_PATCHES_DIR}/${p.target}${i}+strategic.json`,
        content: JSON.stringify(p.patch),
      }),
    ),
    ...(part === 'first' ? setUpFiles(input) : []),
    ...(part === 'worker' ? workerFiles(input) : controlPlaneFiles(input)),
    ...(input.containerdConfig === undefined ? [] : [{ path: CONTAINERD_CONFIG, content: input.containerdConfig }]),
    ...(input.cluster.networking.disableDefaultCNI
      ? []
      : [{ path: '/etc/cni/net.d/10-kindnet.conflist', content: cniConfig(input.podCidrs) }]),
  ];
}

/** What the first control plane makes through the API. */
function setUpFiles({ nodeName, nodeObjects, version }: BootInput): NodeFile[] {
  const admins = clusterAdmins(version);
  return [
    ...(admins ? [{ path: `${HOME}/cluster-admins.json`, content: JSON.stringify(admins) }] : []),
    ...nodeObjects.map((n) => ({ path: `${HOME}/nodes/${n.metadata.name}.json`, content: JSON.stringify(n) })),
    { path: `${HOME}/mirror-pod.json`, content: JSON.stringify(mirrorPod(nodeName)) },
    ...PRIORITY_CLASSES.map((c) => ({ path: `${HOME}/${c.metadata.name}.json`, content: JSON.stringify(c) })),
  ];
}

function controlPlaneFiles({ pki, bootIdentity, componentServer }: BootInput): NodeFile[] {
  if (!componentServer) throw new Error("a control plane's components have a certificate");
  return [
    ...servingFiles(componentServer),
    { path: `${HOME}/boot.crt`, content: bootIdentity.certPem },
    { path: `${HOME}/boot.key`, content: bootIdentity.keyPem, mode: 0o600 },
    ...pkiFiles(pki),
  ];
}

/**
 * A worker has no key of an authority: what those would give it is issued before. The authority's certificate is put in its place
 * by files.sh: beside it, kubeadm's phases of `init` would insist on its key, or on all that it has signed.
 */
function workerFiles({ pki, kubeletIdentity, controlPlaneEndpoint }: BootInput): NodeFile[] {
  if (!kubeletIdentity) throw new Error("a worker's kubelet has an identity");
  const caPem = pki.kubernetes.certPem;
  return [
    { path: `${HOME}/ca.crt`, content: caPem },
    ...kubeletIdentityFiles(`https://${controlPlaneEndpoint}`, caPem, kubeletIdentity),
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
function environment(input: BootInput, documents: readonly KubeadmDocument[]): string {
  const skipped = skippedPhases(documents);
  const variables = {
    NODE_NAME: input.nodeName,
    PART: input.part,
    API_ENDPOINT: input.controlPlaneEndpoint,
    NODE_NAMES: input.part === 'first' ? input.nodeObjects.map((n) => n.metadata.name).join(' ') : '',
    SKIPPED_PHASES: skipped.join(','),
    ADDON_PHASE: remainingPart('addon', skipped),
    UPLOAD_PHASE: remainingPart('upload-config', skipped),
    ...networkEnvironment(input),
    ...patience(input),
  };
  return Object.entries(variables)
    .map(([k, v]) => `${k}='${v}'\n`)
    .join('');
}

/** How the boot scripts wait: by what factor longer for an answer, and how many seconds between two looks, where not as they like. */
function patience({ timeoutFactor = 1 }: BootInput): Record<string, string> {
  const slow = timeoutFactor > 1;
  return { PATIENCE: String(slow ? Math.ceil(timeoutFactor) : 1), PAUSE: slow ? '1' : '' };
}

/** The authorities and the service account key; kubeadm issues everything else from them. */
function pkiFiles(pki: ClusterPki): NodeFile[] {
  const { kubernetes, etcd, frontProxy } = AUTHORITIES;
  const authorities = { [kubernetes]: pki.kubernetes, [etcd]: pki.etcd, [frontProxy]: pki.frontProxy };
  return [
    ...Object.entries(authorities).flatMap(([name, ca]) => [
      { path: `${PKI_DIR}/${name}.crt`, content: ca.certPem },
      { path: `${PKI_DIR}/${name}.key`, content: ca.keyPem, mode: 0o600 },
    ]),
    { path: `${PKI_DIR}/sa.pub`, content: pki.serviceAccount.publicKeyPem },
    { path: `${PKI_DIR}/sa.key`, content: pki.serviceAccount.keyPem, mode: 0o600 },
  ];
}
