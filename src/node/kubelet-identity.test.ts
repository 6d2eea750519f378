import { expect, test } from 'vitest';
import { kubeletIdentity, kubeletIdentityFiles } from './kubelet-identity.ts';

test('a kubelet is its node, in the group of nodes', () => {
  expect(kubeletIdentity('kind-worker')).toMatchObject({
    commonName: 'system:node:kind-worker',
    organizations: ['system:nodes'],
  });
});

test('the kubeconfig names the place where the kubelet keeps its current key, which is a link as the kubelet makes it', () => {
  const pair = { certPem: 'CERT\n', keyPem: 'KEY\n' };
  const files = kubeletIdentityFiles('https://c:6443', 'CA\n', pair, new Date('2026-01-02T03:04:05Z'));
  const stored = '/var/lib/kubelet/pki/kubelet-client-2026-01-02-03-04-05.pem';
  expect(files.slice(1)).toEqual([
    { path: stored, content: 'CERT\nKEY\n', mode: 0o600 },
    { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', linkTo: stored },
  ]);
  expect(files[0]).toMatchObject({
    path: '/etc/kubernetes/kubelet.conf',
    mode: 0o600,
    content: expect.stringContaining('client-key: /var/lib/kubelet/pki/kubelet-client-current.pem'),
  });
});
