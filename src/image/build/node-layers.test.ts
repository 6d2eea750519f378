import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BuildAssets } from './assets.ts';
import { layerOrder } from './layer.ts';
import { baseRuntimeSpec, fillIn, nodeFileEntries, nodeImageConfig } from './node-layers.ts';
import { BUILD_RUNTIMES } from './node-runtime.ts';

const facts = {
  kubernetesVersion: 'v1.36.3',
  pauseImage: 'registry.k8s.io/pause:3.10.2',
  provisionerImage: 'docker.io/rancher/local-path-provisioner:v0.0.30',
  ociSpec: JSON.stringify({ process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024 }], cwd: '/' } }),
};
const assets = new BuildAssets(fileURLToPath(new URL('../../..', import.meta.url)));

test('the runtime spec has no limits, and the hook for DMI', () => {
  expect(JSON.parse(baseRuntimeSpec(facts.ociSpec))).toEqual({
    process: { cwd: '/' },
    hooks: { createContainer: [{ path: '/kind/bin/mount-product-files.sh' }] },
  });
});

test('placeholders are filled in, and one that nobody knows is an error', () => {
  expect(fillIn('sandbox_image = "@PAUSE_IMAGE@"', facts)).toBe('sandbox_image = "registry.k8s.io/pause:3.10.2"');
  expect(() => fillIn('@SOMETHING@', facts)).toThrow('@SOMETHING@');
});

test('the files of a node: scripts can be executed, and the rest cannot', async () => {
  const entries = layerOrder(await nodeFileEntries(assets, facts, BUILD_RUNTIMES.containerd));
  const mode = (path: string) => entries.find((e) => e.path === path);
  expect(mode('/usr/local/bin/entrypoint')).toMatchObject({ mode: 0o755 });
  expect(mode('/kind/bin/default-cni.sh')).toMatchObject({ mode: 0o755 });
  expect(mode('/etc/systemd/system/kubelet.service')).toMatchObject({ mode: 0o644 });
});

test('kind finds version, manifests with its template marker, and the sandbox image', async () => {
  const entries = await nodeFileEntries(assets, facts, BUILD_RUNTIMES.containerd);
  const content = (path: string) => {
    const entry = entries.find((e) => e.path === path);
    return entry?.type === 'file' && 'content' in entry ? entry.content : undefined;
  };
  expect(content('/kind/version')).toBe('v1.36.3');
  expect(content('/kind/manifests/default-cni.yaml')).toContain('would you kindly template this file');
  expect(content('/kind/manifests/default-cni.yaml')).toContain('{{ .PodSubnet }}');
  expect(content('/kind/manifests/default-storage.yaml')).toContain(facts.provisionerImage);
  expect(content('/etc/containerd/config.toml')).toContain('sandbox_image = "registry.k8s.io/pause:3.10.2"');
});

test('a node has the files of its own runtime only, each once', async () => {
  const paths = async (runtime: keyof typeof BUILD_RUNTIMES) =>
    layerOrder(await nodeFileEntries(assets, { ...facts, ociSpec: undefined }, BUILD_RUNTIMES[runtime])).map(
      (e) => e.path,
    );
  const [containerd, crio] = [await paths('containerd'), await paths('cri-o')];
  expect(crio).toEqual(expect.arrayContaining(['/etc/crio/crio.conf.d/10-node.conf', '/etc/crictl.yaml']));
  expect(crio).not.toContain('/etc/containerd/config.toml');
  expect(containerd).not.toContain('/etc/crio/crio.conf.d/10-node.conf');
});

test('the image starts and stops as kind expects it', () => {
  const runtime = BUILD_RUNTIMES['cri-o'];
  const recipe = { kubernetesVersion: 'v1.36.3', runtime, imageStore: 'unpacked', image: 'i' } as const;
  expect(nodeImageConfig(recipe)).toMatchObject({
    Entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
    StopSignal: 'SIGRTMIN+3',
    Labels: { 'dev.kinpod.build-key': 'i', 'dev.kinpod.image-store': 'unpacked', 'dev.kinpod.runtime': 'cri-o' },
  });
});
