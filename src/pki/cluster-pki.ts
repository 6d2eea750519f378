import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type CertificateAndKey, selfSignedAuthority, signedClientCertificate } from './certificate.ts';

export type { CertificateAndKey } from './certificate.ts';

/**
 * What kubeadm finds under /etc/kubernetes/pki and then builds on instead of making its own, see its "using an existing
 * certificate authority". Keys are ECDSA P-256: RSA-2048 costs 38 ms a key.
 */
export interface ClusterPki {
  /** ca.crt and ca.key */
  kubernetes: CertificateAndKey;
  /** etcd/ca.crt and etcd/ca.key */
  etcd: CertificateAndKey;
  /** front-proxy-ca.crt and front-proxy-ca.key */
  frontProxy: CertificateAndKey;
  /** sa.key and sa.pub, which sign and check service account tokens */
  serviceAccount: { keyPem: string; publicKeyPem: string };
}

/** Days that an authority is valid: kubeadm's CACertificateValidityPeriod, ten years. */
const AUTHORITY_DAYS = 3650;

/** New authorities and a new service account key. Takes about 7 ms, most of it the first use of node:crypto. */
export function createClusterPki(): ClusterPki {
  const serviceAccount = newKeyPair();
  return {
    kubernetes: newAuthority('kubernetes'),
    etcd: newAuthority('etcd-ca'),
    frontProxy: newAuthority('front-proxy-ca'),
    serviceAccount: {
      keyPem: keyPem(serviceAccount.privateKey),
      publicKeyPem: serviceAccount.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
  };
}

export interface ClientIdentity {
  /** The user's name: `kubernetes-admin`, `system:node:kind-worker`. */
  commonName: string;
  /** The user's groups: `system:masters`, `system:nodes`. */
  organizations: readonly string[];
  /** How long the certificate is valid, in days. */
  days: number;
}

/**
 * A new key and a certificate with which its holder is `identity` to whoever trusts `authority`.
 * @throws {KinpodError} `unsupported-ca-key` if the authority's key is not ECDSA
 */
export function issueClientCertificate(authority: CertificateAndKey, identity: ClientIdentity): CertificateAndKey {
  const { publicKey, privateKey } = newKeyPair();
  return {
    certPem: signedClientCertificate(authority, identity, publicKey, identity.days),
    keyPem: keyPem(privateKey),
  };
}

function newAuthority(commonName: string): CertificateAndKey {
  const { publicKey, privateKey } = newKeyPair();
  return {
    certPem: selfSignedAuthority({ commonName }, publicKey, privateKey, AUTHORITY_DAYS),
    keyPem: keyPem(privateKey),
  };
}

function newKeyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** SEC 1, "EC PRIVATE KEY": what kubeadm writes, and the one form that all of client-go's keyutil reads. */
function keyPem(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString();
}
