import type { LayerEntry } from './layer.ts';

/** By the runtime, into every sandbox. A directory ends with a slash. */
const IN_SANDBOXES = ['/dev/', '/proc/', '/sys/', '/etc/resolv.conf'];

/** The certificate authorities of a Debian node, as kubeadm mounts them (cmd/kubeadm/app/phases/controlplane/volumes.go). */
const AUTHORITIES = ['/etc/ca-certificates/', '/usr/local/share/ca-certificates/', '/usr/share/ca-certificates/'];

/** kinpod's own, see serving-certificate.ts. */
const SERVING = '/kind/kinpod/serving/';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/';

/** By the manifests of kubeadm and of local-path-provisioner. */
const BY_MANIFEST: Readonly<Record<string, readonly string[]>> = {
  etcd: ['/etc/kubernetes/pki/etcd/', '/var/lib/etcd/'],
  'kube-apiserver': [...AUTHORITIES, '/etc/kubernetes/pki/'],
  'kube-controller-manager': [
    ...AUTHORITIES,
    SERVING,
    '/etc/kubernetes/controller-manager.conf',
    '/etc/kubernetes/pki/',
    '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/',
  ],
  'kube-scheduler': [SERVING, '/etc/kubernetes/scheduler.conf'],
  'kube-proxy': ['/lib/modules/', '/run/xtables.lock', '/var/lib/kube-proxy/', SERVICE_ACCOUNT],
  coredns: ['/etc/coredns/', SERVICE_ACCOUNT],
  'local-path-provisioner': ['/etc/config/', SERVICE_ACCOUNT],
};

/**
 * Places at which something is mounted into every container. Where an image lacks them, the runtime makes them in each container anew, on the
 * node's disk: with those of {@link mountPointsOf} five inodes for a sandbox and sixteen for a controller manager, with three control
 * planes some three hundred.
 */
export function mountPoints(): LayerEntry[] {
  return [...IN_SANDBOXES, '/etc/hostname', '/etc/hosts'].map(entryOf);
}

/** @param image short name of an image, `kube-apiserver`: what is mounted into its containers alone, but for `pause` all of it */
export function mountPointsOf(image: string): LayerEntry[] {
  return (image === 'pause' ? IN_SANDBOXES : (BY_MANIFEST[image] ?? [])).map(entryOf);
}

function entryOf(path: string): LayerEntry {
  return path.endsWith('/')
    ? { type: 'directory', path: path.slice(0, -1), mode: 0o755 }
    : { type: 'file', path, content: '', mode: 0o644 };
}
