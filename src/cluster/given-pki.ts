import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ClusterConfig, Mount } from '../config/types.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { AUTHORITIES, CONTAINERD_CONFIG, KUBELET_SERVING_FILES, PKI_DIR } from '../node/boot-files.ts';
import { type CertificateAndKey, type ClusterPki, signsCertificates } from '../pki/cluster-pki.ts';
import { type MountedFile, mountedAt, readMounted } from './mounted.ts';

/**
 * Authorities and the service account key that the user has mounted into the first control plane, where kubeadm looks for them: the
 * cluster is built on these, as with kind. What is not there is not in the result.
 * @throws {KinpodError} `invalid-pki` where kinpod cannot issue what the nodes need with them, `unreadable-mount`
 */
export async function givenPki(config: ClusterConfig): Promise<Partial<ClusterPki>> {
  const mounts = config.nodes.find(({ role }) => role === 'control-plane')?.extraMounts ?? [];
  const [kubernetes, etcd, frontProxy, serviceAccount] = await Promise.all([
    givenAuthority(mounts, AUTHORITIES.kubernetes),
    givenAuthority(mounts, AUTHORITIES.etcd),
    givenAuthority(mounts, AUTHORITIES.frontProxy),
    givenServiceAccount(mounts),
  ]);
  return {
    ...(kubernetes && { kubernetes }),
    ...(etcd && { etcd }),
    ...(frontProxy && { frontProxy }),
    ...(serviceAccount && { serviceAccount }),
  };
}

/** What of a node's kinpod looks at where the user has mounted it. */
const LOOKED_AT = [
  ...Object.values(AUTHORITIES).flatMap((name) => [`${PKI_DIR}/${name}.crt`, `${PKI_DIR}/${name}.key`]),
  ...['sa.key', 'sa.pub'].map((name) => `${PKI_DIR}/${name}`),
  ...KUBELET_SERVING_FILES,
  CONTAINERD_CONFIG,
];

/**
 * Where the engine is outside of this container, its machine's files are not to be seen: what is there would be written over.
 * @throws {KinpodError} `unreadable-mount` where such files may be among them
 */
export function refuseFilesElsewhere({ nodes }: ClusterConfig): void {
  for (const { extraMounts } of nodes) {
    for (const path of LOOKED_AT) {
      const hostPath = mountedAt(extraMounts, path);
      if (hostPath === undefined) continue;
      throw new KinpodError(`cannot read ${hostPath}: a path of the engine's machine, not of this container`, {
        code: 'unreadable-mount',
        details: `it is mounted at ${path}, and the cluster is built on what it says`,
        hint: 'create the cluster from that machine, or leave out the mount',
      });
    }
  }
}

async function givenAuthority(mounts: readonly Mount[], name: string): Promise<CertificateAndKey | undefined> {
  const [cert, key] = await Promise.all([given(mounts, `${name}.crt`), given(mounts, `${name}.key`)]);
  if (!cert && !key) return undefined;
  if (!cert || !key) throw lonely(cert ?? key, `${name}.${cert ? 'key' : 'crt'}`);
  const privateKey = signingKey(key);
  const certificate = parsed(cert, (pem) => new X509Certificate(pem));
  if (!certificate.checkPrivateKey(privateKey)) throw invalid(key, `is not the key of ${cert.hostPath}`);
  if (!certificate.ca) throw invalid(cert, 'is no certificate of an authority (CA:TRUE)');
  if (Date.parse(certificate.validTo) < Date.now()) throw invalid(cert, `is valid until ${certificate.validTo} only`);
  return { certPem: cert.content, keyPem: key.content };
}

async function givenServiceAccount(mounts: readonly Mount[]): Promise<ClusterPki['serviceAccount'] | undefined> {
  const [key, publicKey] = await Promise.all([given(mounts, 'sa.key'), given(mounts, 'sa.pub')]);
  if (!key && !publicKey) return undefined;
  if (!key) throw lonely(publicKey, 'sa.key');
  const ofKey = publicPem(createPublicKey(signingKey(key)));
  // Of several, the API server takes tokens that any of them fits, and of one in PKCS #1 none.
  const blocks = publicKey?.content.match(/-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g) ?? [];
  if (
    publicKey &&
    !blocks.some((pem) => publicPem(parsed({ ...publicKey, content: pem }, createPublicKey)) === ofKey)
  ) {
    throw invalid(publicKey, `has no PUBLIC KEY that is the other half of ${key.hostPath}`);
  }
  return { keyPem: key.content, publicKeyPem: publicKey?.content ?? ofKey };
}

function signingKey(file: MountedFile): KeyObject {
  const key = parsed(file, createPrivateKey);
  if (signsCertificates(key)) return key;
  const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
  throw invalid(file, `is a key of ${kind}: RSA and ECDSA with P-256, P-384 and P-521 are taken`);
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function given(mounts: readonly Mount[], name: string): Promise<MountedFile | undefined> {
  return readMounted(mounts, `${PKI_DIR}/${name}`);
}

function parsed<T>(file: MountedFile, parse: (pem: string) => T): T {
  try {
    return parse(file.content);
  } catch (error) {
    throw invalid(file, `cannot be read as PEM: ${messageOf(error)}`);
  }
}

function lonely(there: MountedFile | undefined, missing: string): KinpodError {
  return new KinpodError(`${there?.hostPath} is mounted at ${there?.path} without ${missing}`, {
    code: 'invalid-pki',
    hint: `mount ${missing} beside it; kinpod issues certificates and starts the API server with both. Or leave out the mount: then new ones are made`,
  });
}

function invalid({ hostPath, path }: MountedFile, why: string): KinpodError {
  return new KinpodError(`${hostPath}, which is mounted at ${path}, ${why}`, { code: 'invalid-pki' });
}
