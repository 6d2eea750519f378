import { expect, test } from 'vitest';
import type { Mount } from '../config/types.ts';
import { mountedAt } from './mounted.ts';

const mount = (hostPath: string, containerPath: string): Mount => ({
  hostPath,
  containerPath,
  readOnly: false,
  selinuxRelabel: false,
  propagation: 'None',
});
const mounts = [
  mount('/keys', '/etc/kubernetes/pki'),
  mount('/keys-of-etcd/', '/etc/kubernetes/pki/etcd/'),
  mount('/one.key', '/etc/kubernetes/pki/sa.key'),
  mount('relative', 'var/lib/kubelet'),
];

test.each([
  ['/etc/kubernetes/pki', '/keys'],
  ['/etc/kubernetes/pki/ca.crt', '/keys/ca.crt'],
  ['/etc/kubernetes/pki/etcd/ca.crt', '/keys-of-etcd/ca.crt'],
  ['/etc/kubernetes/pki/sa.key', '/one.key'],
  ['/var/lib/kubelet/pki/kubelet.crt', `${process.cwd()}/relative/pki/kubelet.crt`],
  ['/etc/kubernetes/pki-of-others/ca.crt', undefined],
  ['/etc/kubernetes', undefined],
])('%s of a node is %s of the host', (path, host) => {
  expect(mountedAt(mounts, path)).toBe(host);
});

test('a mount of everything covers everything', () => {
  expect(mountedAt([mount('/root-of-node', '/')], '/etc/hosts')).toBe('/root-of-node/etc/hosts');
});
