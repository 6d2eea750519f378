import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test.each([
  ['    client-key-data: LS0tLS1CRUdJTg==', '    client-key-data: [redacted]'],
  ['{"client-key-data":"LS0tLS1CRUdJTg==","x":1}', '{"client-key-data":"[redacted]","x":1}'],
  ['    token: abcdef.0123456789abcdef', '    token: [redacted]'],
  ['kubeadm join host:6443 --token abcdef.0123456789abcdef --v=5', 'kubeadm join host:6443 --token [redacted] --v=5'],
  ['Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.x', 'Authorization: Bearer [redacted]'],
  ['{"auths":{"r.example":{"auth":"dXNlcjpwdw=="}}}', '{"auths":{"r.example":{"auth":"[redacted]"}}}'],
  ['HTTPS_PROXY=http://user:secret@proxy.example:3128/', 'HTTPS_PROXY=http://user:[redacted]@proxy.example:3128/'],
  [
    'a\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\nb',
    'a\n-----BEGIN EC PRIVATE KEY-----[redacted]-----END EC PRIVATE KEY-----\nb',
  ],
  ['-----BEGIN PRIVATE KEY-----\ncut off', '-----BEGIN PRIVATE KEY-----[redacted]'],
])('%j is shown as %j', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each([
  'the token expired before the node joined',
  'certificate-authority-data: LS0tLS1CRUdJTg==',
  'dial tcp 10.89.128.3:6443: connect: connection refused',
  'registry.example:5000/app:v1@sha256:0123',
])('%j has no secret and stays', (text) => {
  expect(redact(text)).toBe(text);
});
