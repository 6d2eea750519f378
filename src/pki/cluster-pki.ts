import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type { JsonGeneralName, X509CertificateCreateParamsBase, X509CertificateGenerator } from '@peculiar/x509';
import { KinpodError } from '../errors/kinpod-error.ts';

/** A certificate and its private key, as PEM. */
export interface CertificateAndKey {
  certPem: string;
  keyPem: string;
}

/**
 * What kubeadm finds under /etc/kubernetes/pki and then builds on instead of making its own, see its "using an existing
 * certificate authority".
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

interface Identity {
  /** A user's name: `kubernetes-admin`, `system:node:kind-worker`. */
  commonName: string;
  /** A user's groups: `system:masters`, `system:nodes`. */
  organizations: readonly string[];
  /** How long the certificate is valid, in days. */
  days: number;
}

export type ClientIdentity = Identity;

export interface ServerIdentity extends Identity {
  dnsNames: readonly string[];
  /** IP addresses. */
  addresses: readonly string[];
}

/** As kubeadm names them (EncryptionAlgorithmType of its v1beta4). */
export type KeyAlgorithm = 'ECDSA-P256' | 'ECDSA-P384' | 'RSA-2048' | 'RSA-3072' | 'RSA-4096';

/** What kinpod makes where nobody asks for something else: RSA-2048 costs 38 ms a key. */
export const KEY_ALGORITHM: KeyAlgorithm = 'ECDSA-P256';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const P384 = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } as const;
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

type KeyParameters = (webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams) & { hash: string };

const rsa = (modulusLength: number): KeyParameters => ({
  ...RSA,
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});

const KEYS: Readonly<Record<KeyAlgorithm, KeyParameters>> = {
  'ECDSA-P256': P256,
  'ECDSA-P384': P384,
  'RSA-2048': rsa(2048),
  'RSA-3072': rsa(3072),
  'RSA-4096': rsa(4096),
};

export function isKeyAlgorithm(name: unknown): name is KeyAlgorithm {
  return typeof name === 'string' && Object.hasOwn(KEYS, name);
}

/** How authorities sign, by the type of their key or the name that OpenSSL has for its curve. */
const SIGNING: Readonly<Record<string, webcrypto.Algorithm & { namedCurve?: string; hash: string }>> = {
  prime256v1: P256,
  secp384r1: P384,
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  rsa: RSA,
};

/** Days that an authority is valid: kubeadm's CACertificateValidityPeriod, ten years. */
const AUTHORITY_DAYS = 3650;
/** kubeadm's CertificateBackdate: nodes and host may disagree about the time by this much. */
const BACKDATE_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * New authorities and a new service account key, but for those that there are. The first call loads the certificate library, which
 * takes 40 ms.
 */
export async function createClusterPki(
  given: Partial<ClusterPki> = {},
  algorithm: KeyAlgorithm = KEY_ALGORITHM,
): Promise<ClusterPki> {
  const parameters = KEYS[algorithm];
  const [kubernetes, etcd, frontProxy, serviceAccount] = await Promise.all([
    given.kubernetes ?? newAuthority('kubernetes', parameters),
    given.etcd ?? newAuthority('etcd-ca', parameters),
    given.frontProxy ?? newAuthority('front-proxy-ca', parameters),
    given.serviceAccount ?? newServiceAccount(parameters),
  ]);
  return { kubernetes, etcd, frontProxy, serviceAccount };
}

/** Whether kinpod can issue certificates with an authority's key. */
export function signsCertificates(key: KeyObject): boolean {
  return signingOf(key) !== undefined;
}

async function newServiceAccount(parameters: KeyParameters): Promise<ClusterPki['serviceAccount']> {
  const { privateKey, publicKey } = await newKeys(parameters);
  const publicKeyPem = KeyObject.from(publicKey).export({ type: 'spki', format: 'pem' }).toString();
  return { keyPem: keyPemOf(privateKey), publicKeyPem };
}

/** A self-signed authority with the extensions that kubeadm gives its own (pkiutil.NewSelfSignedCACert). */
async function newAuthority(commonName: string, parameters: KeyParameters): Promise<CertificateAndKey> {
  const x509 = await library();
  const keys = await newKeys(parameters);
  const { digitalSignature, keyEncipherment, keyCertSign } = x509.KeyUsageFlags;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(AUTHORITY_DAYS, parameters),
    name: [{ CN: [commonName] }],
    keys,
    extensions: [
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment | keyCertSign, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }]),
    ],
  });
  return { certPem: pemOf(cert), keyPem: keyPemOf(keys.privateKey) };
}

/**
 * A new key and a certificate with which its holder is `identity` to whoever trusts `authority`; the extensions are those of
 * kubeadm's own (pkiutil.NewSignedCert).
 * @throws {KinpodError} `unsupported-ca-key` if the authority's key is of a kind that kinpod does not sign with
 */
export function issueClientCertificate(
  authority: CertificateAndKey,
  identity: ClientIdentity,
): Promise<CertificateAndKey> {
  return issue(authority, identity, 'clientAuth', []);
}

/**
 * A new key and a certificate with which its holder is the server of these names and addresses to whoever trusts `authority`.
 * @throws {KinpodError} `unsupported-ca-key` if the authority's key is of a kind that kinpod does not sign with
 */
export function issueServerCertificate(
  authority: CertificateAndKey,
  identity: ServerIdentity,
): Promise<CertificateAndKey> {
  const { dnsNames, addresses } = identity;
  return issue(authority, identity, 'serverAuth', [
    ...dnsNames.map((value): JsonGeneralName => ({ type: 'dns', value })),
    ...addresses.map((value): JsonGeneralName => ({ type: 'ip', value })),
  ]);
}

async function issue(
  authority: CertificateAndKey,
  identity: Identity,
  usage: 'clientAuth' | 'serverAuth',
  alternativeNames: JsonGeneralName[],
): Promise<CertificateAndKey> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.certPem);
  // As the authority says itself: not everybody takes the SHA-1 of a key for its name.
  const authorityKey = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  const { key: signingKey, algorithm: signingAlgorithm } = await signingKeyOf(authority);
  const keys = await newKeys(KEYS[KEY_ALGORITHM]);
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const cert = await x509.X509CertificateGenerator.create({
    ...common(identity.days, signingAlgorithm),
    subject: [...identity.organizations.map((o) => ({ O: [o] })), { CN: [identity.commonName] }],
    // As it is encoded: Go finds issuers by comparing bytes.
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
      new x509.BasicConstraintsExtension(false, undefined, true),
      authorityKey
        ? new x509.AuthorityKeyIdentifierExtension(authorityKey.keyId)
        : await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(alternativeNames.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternativeNames)] : []),
    ],
  });
  return { certPem: pemOf(cert), keyPem: keyPemOf(keys.privateKey) };
}

/** Loaded when it is needed: commands that make no certificate start without it. It wants a polyfill for its decorators. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function common(
  days: number,
  signingAlgorithm: webcrypto.Algorithm & { hash: string },
): Pick<X509CertificateCreateParamsBase, 'serialNumber' | 'notBefore' | 'notAfter' | 'signingAlgorithm'> {
  const notBefore = new Date(Date.now() - BACKDATE_MS);
  const notAfter = new Date(notBefore.getTime() + days * DAY_MS);
  return { serialNumber: serialNumber(), notBefore, notAfter, signingAlgorithm };
}

/** 126 random bits in hex; the first octet is neither zero nor negative, so the encoding is always minimal. */
function serialNumber(): string {
  const octets = randomBytes(16);
  octets.writeUInt8((octets.readUInt8(0) & 0x3f) | 0x40, 0);
  return octets.toString('hex');
}

function newKeys(parameters: KeyParameters): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(parameters, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function signingKeyOf(authority: CertificateAndKey) {
  const key = createPrivateKey(authority.keyPem);
  const algorithm = signingOf(key);
  if (!algorithm) {
    throw new KinpodError(`cannot sign with a certificate authority whose key is ${key.asymmetricKeyType}`, {
      code: 'unsupported-ca-key',
      hint: 'kinpod signs with ECDSA and RSA keys',
    });
  }
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return { key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']), algorithm };
}

function signingOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  return SIGNING[asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? ''];
}

/** "EC PRIVATE KEY" and "RSA PRIVATE KEY": what kubeadm writes, and the forms that all of client-go's keyutil reads. */
function keyPemOf(key: webcrypto.CryptoKey): string {
  const object = KeyObject.from(key);
  const type = object.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  return object.export({ type, format: 'pem' }).toString();
}

function pemOf(cert: Awaited<ReturnType<typeof X509CertificateGenerator.create>>): string {
  return `${cert.toString('pem')}\n`;
}
