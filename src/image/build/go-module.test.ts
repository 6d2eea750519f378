import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kubernetesWrapper, parseGoMod } from './go-module.ts';

const released = `// This is a generated file.
module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
	bitbucket.org/bertimus9/systemstat v0.5.0
	github.com/google/cadvisor v0.56.2 // indirect
	k8s.io/api v0.0.0
)

require go.etcd.io/etcd/client/v3 v3.6.8

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kubelet => ./staging/src/k8s.io/kubelet
	github.com/old/thing v1.2.3 => github.com/new/thing v1.2.4
)
`;

test('a go.mod gives its versions and replacements, from blocks and from single lines', () => {
  const module = parseGoMod(released);
  expect(module.go).toBe('1.26.0');
  expect(module.godebug).toEqual(['default=go1.26']);
  expect(module.require.get('github.com/google/cadvisor')).toBe('v0.56.2');
  expect(module.require.get('go.etcd.io/etcd/client/v3')).toBe('v3.6.8');
  expect(module.replace.get('k8s.io/kubelet')).toBe('./staging/src/k8s.io/kubelet');
  expect(module.replace.get('github.com/old/thing')).toBe('github.com/new/thing v1.2.4');
});

test('the wrapper of another release takes the published staging modules of that release', () => {
  expect(kubernetesWrapper('v1.35.4', parseGoMod(released))).toBe(`module kinpod.dev/node/kubernetes

go 1.26.0

godebug default=go1.26

require k8s.io/kubernetes v1.35.4

replace (
	k8s.io/api => k8s.io/api v0.35.4
	k8s.io/kubelet => k8s.io/kubelet v0.35.4
	github.com/old/thing => github.com/new/thing v1.2.4
)
`);
});

test('the wrapper generated for the pinned release has the replacements of the committed one', async () => {
  const url = new URL('../../../images/node/modules/kubernetes/go.mod', import.meta.url);
  const pinned = parseGoMod(await readFile(url, 'utf8'));
  const asReleased = {
    ...pinned,
    replace: new Map([...pinned.replace.keys()].map((path) => [path, `./staging/src/${path}`])),
  };
  const generated = parseGoMod(kubernetesWrapper(pinned.require.get('k8s.io/kubernetes') ?? '', asReleased));
  expect(generated.replace).toEqual(pinned.replace);
  expect(generated.replace.size).toBeGreaterThan(25);
});

test('a staging module can have another version than the release, and a directory can be the release', () => {
  const staging = new Map([['k8s.io/kubelet', 'v0.35.3']]);
  const replaced = parseGoMod(
    kubernetesWrapper('v1.35.4', parseGoMod(released), { staging, tree: '/src/my kubernetes' }),
  ).replace;
  expect(replaced.get('k8s.io/api')).toBe('k8s.io/api v0.35.4');
  expect(replaced.get('k8s.io/kubelet')).toBe('k8s.io/kubelet v0.35.3');
  expect(replaced.get('k8s.io/kubernetes')).toBe('"/src/my kubernetes"');
});
