import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ClusterConfig, Mount } from '../config/types.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { PKI_DIR } from '../node/boot-files.ts';
import { type CertificateAndKey, type ClusterPki, signsCertificates } from '../pki/cluster-pki.ts';
import { mountedAt } from './mounted.ts';

/** A file of the user's, as it is in a node and on this host. */
interface GivenFile {
  path: string;
  hostPath: string;
  content: string;
}

/**
 * Authorities and the service account key that the user has mounted into the first control plane, where kubeadm looks for them: the
 * cluster is built on these, as with kind. What is not there is not in the result.
 * @throws {KinpodError} `invalid-pki` where kinpod cannot issue what the nodes need with them
 */
export async function givenPki(config: ClusterConfig): Promise<Partial<ClusterPki>> {
  const mounts = config.nodes.find(({ role }) => role === 'control-plane')?.extraMounts ?? [];
  const [kubernetes, etcd, frontProxy, serviceAccount] = await Promise.all([
    givenAuthority(mounts, 'ca'),
    givenAuthority(mounts, 'etcd/ca'),
    givenAuthority(mounts, 'front-proxy-ca'),
    givenServiceAccount(mounts),
  ]);
  return {
    ...(kubernetes && { kubernetes }),
    ...(etcd && { etcd }),
    ...(frontProxy && { frontProxy }),
    ...(serviceAccount && { serviceAccount }),
  };
}

/**
 * Where the engine is outside of this container, its machine's files are not to be seen.
 * @throws {KinpodError} `invalid-pki` where keys would be among them
 */
export function refuseKeysElsewhere({ nodes }: ClusterConfig): void {
  const hostPath = nodes
    .filter(({ role }) => role === 'control-plane')
    .map(
      ({ extraMounts }) => mountedAt(extraMounts, `${PKI_DIR}/ca.key`) ?? mountedAt(extraMounts, `${PKI_DIR}/sa.key`),
    )
    .find((path) => path !== undefined);
  if (hostPath === undefined) return;
  throw new KinpodError(`cannot read ${hostPath}, which is a path of the engine's machine, not of this container`, {
    code: 'invalid-pki',
    hint: 'create the cluster from that machine, or leave out the mount',
  });
}

async function givenAuthority(mounts: readonly Mount[], name: string): Promise<CertificateAndKey | undefined> {
  const [cert, key] = await Promise.all([given(mounts, `${name}.crt`), given(mounts, `${name}.key`)]);
  if (!cert && !key) return undefined;
  if (!cert || !key) throw lonely(cert ?? key, `${name}.${cert ? 'key' : 'crt'}`);
  const privateKey = parsed(key, createPrivateKey);
  if (!parsed(cert, (pem) => new X509Certificate(pem)).checkPrivateKey(privateKey)) {
    throw invalid(key, `is not the key of ${cert.hostPath}`);
  }
  if (!signsCertificates(privateKey)) {
    throw invalid(key, `is an ${privateKey.asymmetricKeyType} key: kinpod signs with ECDSA and RSA`);
  }
  return { certPem: cert.content, keyPem: key.content };
}

async function givenServiceAccount(mounts: readonly Mount[]): Promise<ClusterPki['serviceAccount'] | undefined> {
  const [key, publicKey] = await Promise.all([given(mounts, 'sa.key'), given(mounts, 'sa.pub')]);
  if (!key && !publicKey) return undefined;
  if (!key) throw lonely(publicKey, 'sa.key');
  const ofKey = publicPem(parsed(key, createPublicKey));
  if (publicKey && publicPem(parsed(publicKey, createPublicKey)) !== ofKey) {
    throw invalid(publicKey, `is not the public half of ${key.hostPath}`);
  }
  return { keyPem: key.content, publicKeyPem: publicKey?.content ?? ofKey };
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** @returns undefined where no mount covers it, or the mounted directory lacks it */
async function given(mounts: readonly Mount[], name: string): Promise<GivenFile | undefined> {
  const path = `${PKI_DIR}/${name}`;
  const hostPath = mountedAt(mounts, path);
  if (hostPath === undefined) return undefined;
  try {
    return { path, hostPath, content: await readFile(hostPath, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KinpodError(`cannot read ${hostPath}, which is mounted at ${path}`, {
      code: 'invalid-pki',
      details: messageOf(error),
      hint: 'kinpod issues certificates with it: make it readable, or leave out the mount',
    });
  }
}

function parsed<T>(file: GivenFile, parse: (pem: string) => T): T {
  try {
    return parse(file.content);
  } catch (error) {
    throw invalid(file, `cannot be read as PEM: ${messageOf(error)}`);
  }
}

function lonely(there: GivenFile | undefined, missing: string): KinpodError {
  return new KinpodError(`${there?.hostPath} is mounted at ${there?.path} without ${missing}`, {
    code: 'invalid-pki',
    hint: `mount ${missing} beside it; kinpod issues certificates and starts the API server with both. Or leave out the mount: then new ones are made`,
  });
}

function invalid({ hostPath, path }: GivenFile, why: string): KinpodError {
  return new KinpodError(`${hostPath}, which is mounted at ${path}, ${why}`, { code: 'invalid-pki' });
}
