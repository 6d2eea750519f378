import { expect, test } from 'vitest';
import { withServingCertificate } from './serving-certificate.ts';

const document = { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration' };
const ours = [
  { name: 'tls-cert-file', value: '/kind/kinpod/serving/tls.crt' },
  { name: 'tls-private-key-file', value: '/kind/kinpod/serving/tls.key' },
];

test('the controller manager and the scheduler serve with a certificate that is there, beside what a user has set', () => {
  const mine = { name: 'mine', hostPath: '/a', mountPath: '/b' };
  const v = { name: 'v', value: '4' };
  const changed = withServingCertificate({
    ...document,
    controllerManager: { extraArgs: [v], extraVolumes: [mine] },
    apiServer: { certSANs: ['a'] },
  });
  expect(changed).toMatchObject({
    apiServer: { certSANs: ['a'] },
    controllerManager: {
      extraArgs: [v, ...ours],
      extraVolumes: [mine, { hostPath: '/kind/kinpod/serving', readOnly: true }],
    },
    scheduler: { extraVolumes: [{ mountPath: '/kind/kinpod/serving' }] },
  });
});

test('older versions have a map of arguments', () => {
  const map = { 'tls-cert-file': ours[0]?.value, 'tls-private-key-file': ours[1]?.value };
  const older = { ...document, apiVersion: 'kubeadm.k8s.io/v1beta3', scheduler: { extraArgs: { v: '4' } } };
  expect(withServingCertificate(older)).toMatchObject({
    controllerManager: { extraArgs: map },
    scheduler: { extraArgs: { v: '4', ...map } },
  });
  expect(withServingCertificate(document).controllerManager).toMatchObject({ extraArgs: ours });
});

test.each(['cert-dir', 'tls-cert-file'])('who has set %s serves with that', (name) => {
  const scheduler = { extraArgs: [{ name, value: '/mine' }] };
  expect(withServingCertificate({ ...document, scheduler }).scheduler).toEqual(scheduler);
});

test('components that are not root could not read the key', () => {
  const rootless = { ...document, featureGates: { RootlessControlPlane: true } };
  expect(withServingCertificate(rootless)).toBe(rootless);
});
