import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authorityOfOthers, P384_KEY } from '../../test/support/authority.ts';
import { loadClusterConfig } from '../config/load.ts';
import { type CertificateAndKey, issueClientCertificate } from '../pki/cluster-pki.ts';
import { givenPki, refuseFilesElsewhere } from './given-pki.ts';

let mine: CertificateAndKey;
let others: CertificateAndKey;
let leaf: CertificateAndKey;
let past: CertificateAndKey;
let dir: string;
beforeAll(async () => {
  [mine, others, past] = await Promise.all([
    authorityOfOthers('mine'),
    authorityOfOthers('others'),
    authorityOfOthers('past', P384_KEY, -1),
  ]);
  leaf = await issueClientCertificate(mine, { commonName: 'leaf', organizations: [], days: 1 });
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'given-pki-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
}

function withMount(containerPath: string, hostPath = dir) {
  const nodes = [{ role: 'worker' }, { role: 'control-plane', extraMounts: [{ hostPath, containerPath }] }];
  const text = JSON.stringify({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes });
  return loadClusterConfig({ path: 'test.yaml', text }).config;
}

const PKI = '/etc/kubernetes/pki';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const pkcs1 = rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('what is mounted where kubeadm looks', () => {
  test('is taken, and what is not there is not', async () => {
    await put({
      'ca.crt': mine.certPem,
      'ca.key': mine.keyPem,
      'etcd/ca.crt': others.certPem,
      'etcd/ca.key': others.keyPem,
    });
    expect(await givenPki(withMount(PKI))).toEqual({ kubernetes: mine, etcd: others });
  });

  test('is found in a directory above, and as a file', async () => {
    await put({ 'pki/front-proxy-ca.crt': mine.certPem, 'pki/front-proxy-ca.key': mine.keyPem });
    expect(await givenPki(withMount('/etc/kubernetes'))).toEqual({ frontProxy: mine });
    await put({ 'my.key': key });
    const serviceAccount = { keyPem: key, publicKeyPem: publicKey };
    expect(await givenPki(withMount(`${PKI}/sa.key`, join(dir, 'my.key')))).toEqual({ serviceAccount });
  });

  test('may be a public key among others, as while keys are changed', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
    await put({ 'sa.key': key, 'sa.pub': `${other}${publicKey}` });
    const serviceAccount = { keyPem: key, publicKeyPem: `${other}${publicKey}` };
    expect(await givenPki(withMount(PKI))).toEqual({ serviceAccount });
  });

  test('of another directory is nothing', async () => {
    await put({ 'ca.crt': 'not for kubeadm' });
    expect(await givenPki(withMount('/etc/other'))).toEqual({});
  });

  test.each([
    ['a certificate alone', () => ({ 'ca.crt': mine.certPem }), /ca\.crt is mounted at \S+\/ca\.crt without ca\.key/],
    ['a key alone', () => ({ 'etcd/ca.key': mine.keyPem }), /without etcd\/ca\.crt/],
    ['a public key alone', () => ({ 'sa.pub': publicKey }), /without sa\.key/],
    [
      "another's key",
      () => ({ 'ca.crt': mine.certPem, 'ca.key': others.keyPem }),
      /ca\.key, .* is not the key of .*ca\.crt/,
    ],
    [
      "another's public half",
      () => ({ 'sa.key': mine.keyPem, 'sa.pub': publicKey }),
      /has no PUBLIC KEY that is the other half/,
    ],
    [
      'a public half in PKCS #1',
      () => ({ 'sa.key': key, 'sa.pub': pkcs1 }),
      /has no PUBLIC KEY that is the other half/,
    ],
    [
      'a key that signs in no way known here',
      () => ({ 'sa.key': ed25519 }),
      /sa\.key, .* is a key of ed25519: RSA and ECDSA/,
    ],
    ['no authority', () => ({ 'ca.crt': leaf.certPem, 'ca.key': leaf.keyPem }), /is no certificate of an authority/],
    [
      'an authority of the past',
      () => ({ 'ca.crt': past.certPem, 'ca.key': past.keyPem }),
      /ca\.crt, .* is valid until .* only/,
    ],
    [
      'no PEM',
      () => ({ 'ca.crt': 'x', 'ca.key': mine.keyPem }),
      /ca\.crt, which is mounted at .*, cannot be read as PEM/,
    ],
    ['a directory', () => ({ 'sa.key/x': '' }), /cannot read .*sa\.key/],
  ])('and is %s is refused, with its place', async (_, files, words) => {
    await put(files());
    await expect(givenPki(withMount(PKI))).rejects.toThrow(words);
  });
});

test.each([`${PKI}/sa.key`, `${PKI}/etcd`, '/etc', '/var/lib/kubelet/pki', '/etc/containerd/config.toml'])(
  'what the machine of an engine outside has for %s cannot be read',
  (path) => {
    expect(() => refuseFilesElsewhere(withMount(path))).toThrow("a path of the engine's machine");
  },
);

test.each(['/var/lib/etcd', `${PKI}/other`, '/etc/containerd/certs.d'])(
  'what the machine of an engine outside has for %s need not be read',
  (path) => {
    expect(() => refuseFilesElsewhere(withMount(path))).not.toThrow();
  },
);
