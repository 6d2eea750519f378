import { createHash, createPrivateKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { KinpodError } from '../errors/kinpod-error.ts';
import * as der from './der.ts';

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** kubeadm's CertificateBackdate: nodes and host may disagree about the time by this much. */
const BACKDATE_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Subject {
  commonName: string;
  /** Kubernetes reads them as the user's groups. */
  organizations?: readonly string[] | undefined;
}

/** A certificate authority's certificate and its private key, as PEM. */
export interface CertificateAndKey {
  certPem: string;
  keyPem: string;
}

/** A self-signed authority with the extensions that kubeadm gives its own (pkiutil.NewSelfSignedCACert). */
export function selfSignedAuthority(
  subject: Subject,
  publicKey: KeyObject,
  privateKey: KeyObject,
  days: number,
): string {
  const name = encodeName(subject);
  return encodeCertificate({
    issuer: name,
    subject: name,
    publicKey,
    signWith: privateKey,
    days,
    extensions: [
      keyUsage('digitalSignature', 'keyEncipherment', 'keyCertSign'),
      extension(OID.basicConstraints, der.sequence(der.boolean(true)), 'critical'),
      extension(OID.subjectKeyIdentifier, der.octetString(keyIdentifier(publicKey))),
      extension(OID.subjectAltName, der.sequence(der.implicit(2, Buffer.from(subject.commonName, 'ascii')))),
    ],
  });
}

/**
 * A client certificate with the extensions that kubeadm gives its own (pkiutil.NewSignedCert).
 * @throws {KinpodError} `unsupported-ca-key` if the authority's key is not ECDSA
 */
export function signedClientCertificate(
  authority: CertificateAndKey,
  subject: Subject,
  publicKey: KeyObject,
  days: number,
): string {
  const signWith = createPrivateKey(authority.keyPem);
  if (signWith.asymmetricKeyType !== 'ec') {
    throw new KinpodError(`cannot sign with a certificate authority whose key is ${signWith.asymmetricKeyType}`, {
      code: 'unsupported-ca-key',
      hint: 'kinpod signs with ECDSA keys only; the authorities it makes have one',
    });
  }
  const issuer = readIssuer(authority.certPem);
  return encodeCertificate({
    issuer: issuer.name,
    subject: encodeName(subject),
    publicKey,
    signWith,
    days,
    extensions: [
      keyUsage('digitalSignature', 'keyEncipherment'),
      extension(OID.extendedKeyUsage, der.sequence(der.objectIdentifier(OID.clientAuth))),
      extension(OID.basicConstraints, der.sequence(), 'critical'),
      ...(issuer.keyIdentifier
        ? [extension(OID.authorityKeyIdentifier, der.sequence(der.implicit(0, issuer.keyIdentifier)))]
        : []),
    ],
  });
}

interface CertificateFields {
  issuer: Buffer;
  subject: Buffer;
  publicKey: KeyObject;
  signWith: KeyObject;
  days: number;
  extensions: Buffer[];
}

function encodeCertificate(fields: CertificateFields): string {
  const notBefore = new Date(Date.now() - BACKDATE_MS);
  const notAfter = new Date(notBefore.getTime() + fields.days * DAY_MS);
  const algorithm = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
  const toBeSigned = der.sequence(
    der.explicit(0, der.unsignedInteger(Buffer.from([2]))), // version 3
    der.unsignedInteger(serialNumber()),
    algorithm,
    fields.issuer,
    der.sequence(der.time(notBefore), der.time(notAfter)),
    fields.subject,
    spki(fields.publicKey),
    der.explicit(3, der.sequence(...fields.extensions)),
  );
  const signature = sign('sha256', toBeSigned, fields.signWith);
  return pem('CERTIFICATE', der.sequence(toBeSigned, algorithm, der.bitString(signature)));
}

/** 126 random bits; the first octet is neither zero nor negative, so the encoding is always minimal. */
function serialNumber(): Buffer {
  const octets = randomBytes(16);
  octets.writeUInt8((octets.readUInt8(0) & 0x3f) | 0x40, 0);
  return octets;
}

function encodeName(subject: Subject): Buffer {
  const attribute = (oid: string, value: string) =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(value)));
  return der.sequence(
    ...(subject.organizations ?? []).map((organization) => attribute(OID.organization, organization)),
    attribute(OID.commonName, subject.commonName),
  );
}

function extension(oid: string, value: Buffer, critical?: 'critical'): Buffer {
  return der.sequence(der.objectIdentifier(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

/** Positions of the named bits (RFC 5280 4.2.1.3), counted from the highest. */
const KEY_USAGE_BIT = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5 } as const;

function keyUsage(...usages: (keyof typeof KEY_USAGE_BIT)[]): Buffer {
  const bits: number[] = usages.map((usage) => KEY_USAGE_BIT[usage]);
  const octet = bits.reduce((octet, bit) => octet | (0x80 >> bit), 0);
  return extension(OID.keyUsage, der.bitString(Buffer.from([octet]), 7 - Math.max(...bits)), 'critical');
}

/** RFC 7093 method 1, as Go since 1.25: the first 160 bits of the SHA-256 of the public key. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  // The first octet of a bit string counts its unused bits and is no part of the key.
  const key = der.at(spki(publicKey), 0, 1).value.subarray(1);
  return createHash('sha256').update(key).digest().subarray(0, 20);
}

function spki(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/**
 * The authority's name byte for byte (Go finds issuers by comparing the encodings) and its key identifier, which an
 * authority that kinpod did not make may lack.
 */
function readIssuer(certPem: string): { name: Buffer; keyIdentifier: Buffer | undefined } {
  const fields = der.at(new X509Certificate(certPem).raw, 0, 0).value;
  // Serial number, algorithm, issuer, validity and subject follow the version, which is optional.
  const hasVersion = der.at(fields, 0).tag === der.TAG.contextConstructed;
  const name = der.at(fields, hasVersion ? 5 : 4).raw;
  const extensions = der.parse(fields).find(({ tag }) => tag === (der.TAG.contextConstructed | 3));
  const wanted = der.objectIdentifier(OID.subjectKeyIdentifier);
  const found = (extensions ? der.parse(der.at(extensions.value, 0).value) : [])
    .map((extension) => der.parse(extension.value))
    .find(([oid]) => oid?.raw.equals(wanted));
  const value = found?.at(-1)?.value;
  return { name, keyIdentifier: value && der.at(value, 0).value };
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
