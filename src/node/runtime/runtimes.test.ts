import { expect, test } from 'vitest';
import { RUNTIMES, runtimeNamed, runtimeOf } from './runtimes.ts';

test.each([
  ["kind's images", 'runtime-endpoint: unix:///var/run/containerd/containerd.sock\n', 'containerd'],
  ["kinpod's with CRI-O", `runtime-endpoint: ${RUNTIMES['cri-o'].socket}\n`, 'cri-o'],
  ['others with CRI-O', 'timeout: 0\nruntime-endpoint: "unix:///run/crio/crio.sock"\n', 'cri-o'],
  [
    'a comment about CRI-O',
    '# not crio.sock\nruntime-endpoint: unix:///run/containerd/containerd.sock\n',
    'containerd',
  ],
  ['nothing', '', 'containerd'],
])('%s tell their runtime by what crictl talks to', (_, config, expected) => {
  expect(runtimeOf(config)).toBe(expected);
});

test('a name that is no runtime is none', () => {
  expect([runtimeNamed('cri-o'), runtimeNamed('crio'), runtimeNamed(undefined)]).toEqual([
    'cri-o',
    undefined,
    undefined,
  ]);
});
