import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authorityOfOthers } from '../../test/support/authority.ts';
import { loadClusterConfig } from '../config/load.ts';
import type { CertificateAndKey } from '../pki/cluster-pki.ts';
import { givenPki, refuseKeysElsewhere } from './given-pki.ts';

let mine: CertificateAndKey;
let others: CertificateAndKey;
let dir: string;
beforeAll(async () => {
  [mine, others] = await Promise.all([authorityOfOthers('mine'), authorityOfOthers('others')]);
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
    ["another's public half", () => ({ 'sa.key': mine.keyPem, 'sa.pub': publicKey }), /is not the public half of/],
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

test('keys on the machine of an engine outside cannot be read', () => {
  expect(() => refuseKeysElsewhere(withMount(`${PKI}/sa.key`))).toThrow("a path of the engine's machine");
  expect(() => refuseKeysElsewhere(withMount('/var/lib/etcd'))).not.toThrow();
});
