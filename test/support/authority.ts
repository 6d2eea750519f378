import { KeyObject, webcrypto } from 'node:crypto';
import type { CertificateAndKey } from '../../src/pki/cluster-pki.ts';

type KeyParameters = (webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams) & { hash: string };

export const RSA_KEY: KeyParameters = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
export const P384_KEY: KeyParameters = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };

/** An authority as somebody else may have made it, with a key of any kind, and under an identifier of their own. @param days from now on */
export async function authorityOfOthers(
  commonName: string,
  algorithm = RSA_KEY,
  days = 30,
): Promise<CertificateAndKey> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const day = 24 * 3600 * 1000;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '4d',
    name: [{ CN: [commonName] }],
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() + days * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectKeyIdentifierExtension('0123456789abcdef0123456789abcdef01234567'),
    ],
  });
  const keyPem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certPem: `${cert.toString('pem')}\n`, keyPem };
}
