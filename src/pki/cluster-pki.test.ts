import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorityOfOthers, P384_KEY, RSA_KEY } from '../../test/support/authority.ts';
import { unless } from '../../test/support/unless.ts';
import {
  type ClusterPki,
  createClusterPki,
  issueClientCertificate,
  issueServerCertificate,
  signsCertificates,
} from './cluster-pki.ts';

const noOpenssl = spawnSync('openssl', ['version']).status === 0 ? undefined : 'openssl is not installed';
const admin = { commonName: 'kubernetes-admin', organizations: ['system:masters'], days: 365 };
const PRINTABLE_STRING = 0x13;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let pki: ClusterPki;
beforeAll(async () => {
  pki = await createClusterPki();
});

describe('certificate authorities', () => {
  it.each([
    ['kubernetes', 'kubernetes'],
    ['etcd', 'etcd-ca'],
    ['frontProxy', 'front-proxy-ca'],
  ] as const)('%s is a self-signed authority named %s, as kubeadm names it', (which, commonName) => {
    const cert = new X509Certificate(pki[which].certPem);
    expect(cert.subject).toBe(`CN=${commonName}`);
    expect(cert.subjectAltName).toBe(`DNS:${commonName}`);
    expect(cert.ca).toBe(true);
    expect(cert.checkIssued(cert)).toBe(true);
    expect(cert.verify(cert.publicKey)).toBe(true);
    expect(cert.checkPrivateKey(createPrivateKey(pki[which].keyPem))).toBe(true);
  });

  it('are valid for ten years, and were five minutes ago', () => {
    const cert = new X509Certificate(pki.kubernetes.certPem);
    const from = Date.parse(cert.validFrom);
    expect(Math.abs(Date.now() - 5 * MINUTE - from)).toBeLessThan(MINUTE);
    expect(Date.parse(cert.validTo) - from).toBe(3650 * DAY);
  });

  it('have P-256 keys in the form that kubeadm writes', () => {
    expect(pki.kubernetes.keyPem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    expect(createPrivateKey(pki.etcd.keyPem).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  it('differ from cluster to cluster and from one another', async () => {
    const other = await createClusterPki();
    const all = [pki, other].flatMap((p) => [p.kubernetes, p.etcd, p.frontProxy]);
    expect(new Set(all.map((ca) => ca.keyPem)).size).toBe(6);
    expect(new Set(all.map((ca) => new X509Certificate(ca.certPem).serialNumber)).size).toBe(6);
  });
});

it('the service account key signs what its public half verifies', () => {
  const { keyPem, publicKeyPem } = pki.serviceAccount;
  expect(keyPem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
  expect(publicKeyPem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  const token = Buffer.from('token');
  expect(verify('sha256', token, createPublicKey(publicKeyPem), sign('sha256', token, createPrivateKey(keyPem)))).toBe(
    true,
  );
});

describe('client certificates', () => {
  it('are issued by the authority, for client use only', async () => {
    const { certPem, keyPem } = await issueClientCertificate(pki.kubernetes, admin);
    const cert = new X509Certificate(certPem);
    const ca = new X509Certificate(pki.kubernetes.certPem);
    expect(cert.checkIssued(ca)).toBe(true);
    expect(cert.verify(ca.publicKey)).toBe(true);
    expect(cert.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(cert.ca).toBe(false);
    expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(cert.verify(new X509Certificate(pki.etcd.certPem).publicKey)).toBe(false);
  });

  it.each([
    [['system:masters'], 'O=system:masters\nCN=u'],
    [['system:nodes', 'kubeadm:cluster-admins'], 'O=system:nodes\nO=kubeadm:cluster-admins\nCN=u'],
    [[], 'CN=u'],
  ])('name the user and the groups %j', async (organizations, subject) => {
    const { certPem } = await issueClientCertificate(pki.kubernetes, { commonName: 'u', organizations, days: 1 });
    expect(new X509Certificate(certPem).subject).toBe(subject);
  });

  it('are valid for as many days as asked', async () => {
    const cert = new X509Certificate((await issueClientCertificate(pki.kubernetes, { ...admin, days: 7 })).certPem);
    expect(Date.parse(cert.validTo) - Date.parse(cert.validFrom)).toBe(7 * DAY);
  });

  it.each([
    ['RSA', RSA_KEY],
    ['P-384', P384_KEY],
  ])("are issued by somebody's authority with a key of %s", async (_, algorithm) => {
    const authority = await authorityOfOthers('mine', algorithm);
    const { kubernetes, etcd } = await createClusterPki({ kubernetes: authority });
    expect(kubernetes).toBe(authority);
    expect(new X509Certificate(etcd.certPem).subject).toBe('CN=etcd-ca');
    const cert = new X509Certificate((await issueClientCertificate(kubernetes, admin)).certPem);
    const ca = new X509Certificate(authority.certPem);
    expect([cert.checkIssued(ca), cert.verify(ca.publicKey)]).toEqual([true, true]);
  });

  it('are refused for an authority whose key signs in no way that is known here', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(signsCertificates(privateKey)).toBe(false);
    await expect(issueClientCertificate({ certPem: pki.kubernetes.certPem, keyPem }, admin)).rejects.toThrow(
      /key is ed25519/,
    );
  });
});

it('a server certificate is for server use only, under its names and addresses', async () => {
  const { certPem, keyPem } = await issueServerCertificate(pki.kubernetes, {
    ...{ commonName: 'system:node:n', organizations: ['system:nodes'], days: 365 },
    ...{ dnsNames: ['n'], addresses: ['10.89.128.1', 'fd00::1'] },
  });
  const cert = new X509Certificate(certPem);
  expect(cert.verify(new X509Certificate(pki.kubernetes.certPem).publicKey)).toBe(true);
  expect(cert.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(cert.subject).toBe('O=system:nodes\nCN=system:node:n');
  expect([cert.checkHost('n'), cert.checkIP('10.89.128.1'), cert.checkIP('fd00::1')]).not.toContain(undefined);
  expect(cert.checkHost('other')).toBeUndefined();
});

describe('to openssl', unless(noOpenssl), () => {
  let dir: string;
  const file = (name: string, content: string) => {
    writeFileSync(join(dir, name), content, { mode: 0o600 });
    return join(dir, name);
  };
  const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pki-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('the chain is valid under the strict rules of RFC 5280', async () => {
    const ca = file('ca.crt', pki.kubernetes.certPem);
    const leaf = file('admin.crt', (await issueClientCertificate(pki.kubernetes, admin)).certPem);
    expect(openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, leaf)).toContain(': OK');
  });

  it('the extensions are those of kubeadm', async () => {
    const show = (name: string, certPem: string) =>
      openssl(
        'x509',
        '-noout',
        '-ext',
        'keyUsage,extendedKeyUsage,basicConstraints,subjectAltName',
        '-in',
        file(name, certPem),
      )
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    expect(show('ca.crt', pki.kubernetes.certPem)).toEqual([
      'X509v3 Key Usage: critical',
      'Digital Signature, Key Encipherment, Certificate Sign',
      'X509v3 Basic Constraints: critical',
      'CA:TRUE',
      'X509v3 Subject Alternative Name:',
      'DNS:kubernetes',
    ]);
    expect(show('leaf.crt', (await issueClientCertificate(pki.kubernetes, admin)).certPem)).toEqual([
      'X509v3 Key Usage: critical',
      'Digital Signature, Key Encipherment',
      'X509v3 Extended Key Usage:',
      'TLS Web Client Authentication',
      'X509v3 Basic Constraints: critical',
      'CA:FALSE',
    ]);
  });

  it('an authority that names itself in another encoding is named byte for byte as issuer', async () => {
    const config = file(
      'ca.cnf',
      '[req]\nstring_mask=default\nprompt=no\ndistinguished_name=dn\n[dn]\nO=a\nCN=printable\n',
    );
    const key = file('printable.key', pki.kubernetes.keyPem);
    const certPem = openssl('req', '-x509', '-config', config, '-key', key, '-days', '1');
    const { certPem: leafPem } = await issueClientCertificate({ certPem, keyPem: pki.kubernetes.keyPem }, admin);
    // The common name as a PrintableString, where kinpod itself would write an UTF8String.
    const name = Buffer.concat([Buffer.from([PRINTABLE_STRING, 'printable'.length]), Buffer.from('printable')]);
    expect(new X509Certificate(certPem).raw.includes(name)).toBe(true);
    expect(new X509Certificate(leafPem).raw.includes(name)).toBe(true);
    expect(openssl('verify', '-CAfile', file('printable.crt', certPem), file('leaf2.crt', leafPem))).toContain(': OK');
  });
});
