import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { beginClusterKeys, keyAlgorithm } from './cluster-keys.ts';
import { layOut } from './layout.ts';

function planned(patch: object | undefined, version = 'v1.36.3') {
  const patches = patch ? { kubeadmConfigPatches: [JSON.stringify({ kind: 'ClusterConfiguration', ...patch })] } : {};
  const text = JSON.stringify({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', ...patches });
  const { config } = loadClusterConfig({ text, path: 'x.yaml' });
  const image = { reference: 'localhost/node:1', runtime: 'containerd' as const, ownLayout: true };
  return { config, layout: layOut(config, [{ ...image, version: new KubernetesVersion(version) }], 'podman') };
}

test.each([
  ['nothing', undefined, 'v1.36.3', 'ECDSA-P256'],
  ['nothing', undefined, 'v1.34.4', 'ECDSA-P256'],
  ['an algorithm', { encryptionAlgorithm: 'RSA-3072' }, 'v1.36.3', 'RSA-3072'],
  ['an algorithm that kubeadm refuses', { encryptionAlgorithm: 'RSA-1' }, 'v1.36.3', 'ECDSA-P256'],
  ["kubeadm's own choice", { encryptionAlgorithm: '' }, 'v1.36.3', 'RSA-2048'],
  ['no ECDSA', { featureGates: { PublicKeysECDSA: false } }, 'v1.34.4', 'RSA-2048'],
])('by a patch that says %s (%j) keys of %s are %s', (_, patch, version, algorithm) => {
  expect(keyAlgorithm(planned(patch, version).layout)).toBe(algorithm);
});

test.each([
  ['ECDSA-P384', { namedCurve: 'secp384r1' }],
  ['RSA-2048', { modulusLength: 2048 }],
])('all keys that kubeadm would make are of %s', async (encryptionAlgorithm, details) => {
  const { config, layout } = planned({ encryptionAlgorithm });
  const { kubernetes, etcd, frontProxy, serviceAccount } = await beginClusterKeys(config).of(layout);
  for (const { keyPem } of [kubernetes, etcd, frontProxy, serviceAccount]) {
    expect(createPrivateKey(keyPem).asymmetricKeyDetails).toMatchObject(details);
  }
});
