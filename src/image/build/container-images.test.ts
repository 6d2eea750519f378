import { expect, test } from 'vitest';
import { containerImages, type ImageMaterial, type LayerSource } from './container-images.ts';
import { layerOrder } from './layer.ts';

const material: ImageMaterial = {
  kubeadmImages: [
    'registry.k8s.io/kube-apiserver:v1.36.3',
    'registry.k8s.io/kube-controller-manager:v1.36.3',
    'registry.k8s.io/kube-scheduler:v1.36.3',
    'registry.k8s.io/kube-proxy:v1.36.3',
    'registry.k8s.io/coredns/coredns:v1.14.2',
    'registry.k8s.io/pause:3.10.2',
    'registry.k8s.io/etcd:3.6.8-0',
  ],
  program: (name) => `/programs/${name}`,
  busybox: '/debian/busybox',
  applets: ['busybox', 'sh', 'mkdir'],
  catatonit: '/debian/catatonit',
  kubeProxyFiles: '/debian/kube-proxy.tar',
  iptablesWrapper: '/images/iptables-wrapper.sh',
  caCertificates: '/etc/ssl/certs/ca-certificates.crt',
  localPathProvisionerVersion: 'v0.0.30',
  agnhostVersion: '2.63.0',
};

test('a node has every image that its kubeadm names, and storage, helper and test images', () => {
  expect(
    containerImages(material)
      .map((image) => image.name)
      .sort(),
  ).toEqual(
    [
      ...material.kubeadmImages,
      'docker.io/rancher/local-path-provisioner:v0.0.30',
      'localhost/kinpod/busybox:1.35.0',
      'registry.k8s.io/e2e-test-images/agnhost:2.63.0',
    ].sort(),
  );
});

test('an image that kubeadm wants and nobody makes stops the build', () => {
  const kubeadmImages = material.kubeadmImages.filter((name) => !name.includes('etcd'));
  expect(() => containerImages({ ...material, kubeadmImages })).toThrow('kubeadm names no image for etcd');
});

/** Layers of an image that is made here. */
function layersOf(name: string): readonly LayerSource[] {
  const image = containerImages(material).find((i) => i.name.includes(`/${name}:`));
  return image && 'layers' in image ? image.layers : [];
}

test.each([
  ['kube-apiserver', '/usr/local/bin/kube-apiserver'],
  ['etcd', '/usr/local/bin/etcd'],
  ['coredns', '/coredns'],
  ['kube-proxy', '/usr/local/bin/kube-proxy'],
  ['pause', '/pause'],
])("%s has its program where kubeadm's manifests and the image's own entry point look for it", (name, path) => {
  const entries = layersOf(name).flatMap((layer) => ('entries' in layer ? layerOrder(layer.entries) : []));
  expect(entries).toContainEqual(expect.objectContaining({ path, mode: 0o755 }));
});

test('kube-proxy gets the wrapper under every name by which it calls iptables', () => {
  const links = layersOf('kube-proxy')
    .flatMap((l) => ('entries' in l ? l.entries : []))
    .filter((e) => e.type === 'symlink');
  const wrapped = links.filter((e) => e.type === 'symlink' && e.target === 'iptables-wrapper').map((e) => e.path);
  expect(wrapped).toEqual(
    ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore'].map(
      (tool) => `/usr/local/sbin/${tool}`,
    ),
  );
});

test('images of the control plane that a release brings are taken under the names that kubeadm asks for', () => {
  const images = containerImages({ ...material, archives: '/release/images' });
  expect(images.filter((image) => 'archive' in image)).toEqual(
    ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => ({
      name: `registry.k8s.io/${name}:v1.36.3`,
      archive: `/release/images/${name}`,
    })),
  );
  expect(images.map((i) => i.name)).toEqual(containerImages(material).map((i) => i.name));
});
