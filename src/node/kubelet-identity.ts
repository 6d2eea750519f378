import { stringify } from 'yaml';
import type { CertificateAndKey, ClientIdentity } from '../pki/cluster-pki.ts';
import type { NodeFile } from './node-file.ts';

const DIR = '/var/lib/kubelet/pki';

/** Who a kubelet is to the API server: what TLS bootstrap would give it. Valid as long as kubeadm's own certificates, in days. */
export function kubeletIdentity(nodeName: string): ClientIdentity {
  return { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'], days: 365 };
}

/**
 * What a kubelet has after `kubeadm join`: its kubeconfig, which names no key but the place where the kubelet keeps the current one
 * and puts its successors (client-go, util/certificate/certificate_store.go), and the first pair there.
 * @param server URL of the API server
 */
export function kubeletIdentityFiles(
  server: string,
  caPem: string,
  { certPem, keyPem }: CertificateAndKey,
  now = new Date(),
): NodeFile[] {
  const pair = `${DIR}/kubelet-client-${now.toISOString().slice(0, 19).replace(/[T:]/g, '-')}.pem`;
  const current = `${DIR}/kubelet-client-current.pem`;
  const cluster = { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default-cluster', cluster }],
    users: [{ name: 'default-auth', user: { 'client-certificate': current, 'client-key': current } }],
    contexts: [{ name: 'default-context', context: { cluster: 'default-cluster', user: 'default-auth' } }],
    'current-context': 'default-context',
  };
  return [
    { path: '/etc/kubernetes/kubelet.conf', content: stringify(kubeconfig), mode: 0o600 },
    { path: pair, content: `${certPem}${keyPem}`, mode: 0o600 },
    { path: current, linkTo: pair },
  ];
}
