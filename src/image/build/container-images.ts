import { join } from 'node:path';
import { ARCHIVED_IMAGES } from './kubernetes-source.ts';
import type { LayerEntry } from './layer.ts';
import { mountPoints, mountPointsOf } from './mount-points.ts';

/** Config of a container image, as far as kinpod's own images need it: https://github.com/opencontainers/image-spec */
export interface ImageConfig {
  Env?: readonly string[];
  Entrypoint?: readonly string[];
  Cmd?: readonly string[];
  User?: string;
  WorkingDir?: string;
  StopSignal?: string;
  Labels?: Readonly<Record<string, string>>;
}

/** A layer of an image: files of ours, or a file system that mmdebstrap has made. */
export type LayerSource = { entries: readonly LayerEntry[] } | { tar: string };

/** An image that is made here, or one that is there as an unpacked `docker save` archive. */
export type ContainerImage =
  | {
      /** Reference with tag. */
      name: string;
      config: ImageConfig;
      layers: readonly LayerSource[];
    }
  | { name: string; archive: string };

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The image with a shell: helper of local-path-provisioner, pod of the default CNI. Its tag is busybox's version in Debian 12. */
export const HELPER_IMAGE = 'localhost/kinpod/busybox:1.35.0';

/** What the images of a node are made from. */
export interface ImageMaterial {
  /** Names as `kubeadm config images list` gives them. */
  kubeadmImages: readonly string[];
  /** Path of a program. */
  program(name: string): string;
  /** Directory with archives of the control plane's images, by short name. Undefined: they are made of its programs. */
  archives?: string | undefined;
  busybox: string;
  /** Names of busybox' applets. */
  applets: readonly string[];
  catatonit: string;
  /** Path of the tar with what kube-proxy calls. */
  kubeProxyFiles: string;
  iptablesWrapper: string;
  caCertificates: string;
  localPathProvisionerVersion: string;
  /** Version of Kubernetes' test server, `2.63.0`. */
  agnhostVersion: string;
}

/** Every image that lies in a node image. */
export function containerImages(material: ImageMaterial): ContainerImage[] {
  const byName = new Map(material.kubeadmImages.map((reference) => [shortName(reference), reference]));
  const kubeadmImage = (name: string) => {
    const reference = byName.get(name);
    if (reference === undefined)
      throw new Error(`kubeadm names no image for ${name}: ${[...byName.keys()].join(', ')}`);
    return reference;
  };
  const { program, archives } = material;
  const base: LayerSource = { entries: baseFiles(material) };
  const shell: LayerSource = { entries: shellFiles(material) };
  /** The layer with what an image is named after. */
  const own = (name: string, path = `/usr/local/bin/${name}`, source = program(name)): LayerSource => ({
    entries: [file(path, source), ...mountPointsOf(name)],
  });

  // Under the names that kubeadm asks for: in the archives they have the architecture in them.
  const controlPlane = (): ContainerImage[] =>
    archives === undefined
      ? compiledControlPlane()
      : ARCHIVED_IMAGES.map((name) => ({ name: kubeadmImage(name), archive: join(archives, name) }));
  const compiledControlPlane = (): ContainerImage[] => [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => ({
      name: kubeadmImage(name),
      config: { Env: [PATH], Entrypoint: [`/usr/local/bin/${name}`] },
      layers: [base, own(name)],
    })),
    {
      name: kubeadmImage('kube-proxy'),
      config: { Env: [PATH], Entrypoint: ['/usr/local/bin/kube-proxy'] },
      layers: [base, shell, { tar: material.kubeProxyFiles }, { entries: wrapperFiles(material) }, own('kube-proxy')],
    },
  ];

  return [
    ...controlPlane(),
    { name: kubeadmImage('etcd'), config: { Env: [PATH], Cmd: ['etcd'] }, layers: [base, own('etcd')] },
    {
      name: kubeadmImage('coredns'),
      config: { Env: [PATH], Entrypoint: ['/coredns'], User: '65532:65532', WorkingDir: '/' },
      layers: [base, own('coredns', '/coredns')],
    },
    {
      name: kubeadmImage('pause'),
      config: { Env: [PATH], Entrypoint: ['/pause', '-P'], User: '65535:65535' },
      layers: [own('pause', '/pause', material.catatonit)],
    },
    {
      name: `docker.io/rancher/local-path-provisioner:${material.localPathProvisionerVersion}`,
      config: { Env: [PATH], Entrypoint: ['local-path-provisioner'] },
      layers: [base, own('local-path-provisioner')],
    },
    { name: HELPER_IMAGE, config: { Env: [PATH], Cmd: ['sh'] }, layers: [base, shell] },
    {
      name: `registry.k8s.io/e2e-test-images/agnhost:${material.agnhostVersion}`,
      config: { Env: [PATH], Entrypoint: ['/agnhost'], Cmd: ['pause'] },
      layers: [base, shell, own('agnhost', '/agnhost')],
    },
  ];
}

/** `registry.k8s.io/coredns/coredns:v1.14.2` is `coredns`. */
function shortName(reference: string): string {
  return (reference.split('/').at(-1) ?? reference).replace(/[:@].*/, '');
}

/** What static programs expect to find: users, name resolution, certificate authorities, /tmp; and what the runtime does. */
function baseFiles({ caCertificates }: ImageMaterial): LayerEntry[] {
  return [
    { type: 'directory', path: '/tmp', mode: 0o1777 },
    text('/etc/passwd', ['root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534:nobody:/nonexistent:/bin/false', '']),
    text('/etc/group', ['root:x:0:', 'nobody:x:65534:', '']),
    text('/etc/nsswitch.conf', ['hosts: files dns', '']),
    { type: 'file', path: '/etc/ssl/certs/ca-certificates.crt', source: caCertificates, mode: 0o644 },
    ...mountPoints(),
  ];
}

function shellFiles({ busybox, applets }: ImageMaterial): LayerEntry[] {
  return [
    file('/bin/busybox', busybox),
    ...applets
      .filter((applet) => applet !== 'busybox')
      .map((applet): LayerEntry => ({ type: 'symlink', path: `/bin/${applet}`, target: 'busybox' })),
  ];
}

/** The wrapper stands before the real ones in $PATH. */
function wrapperFiles({ iptablesWrapper }: ImageMaterial): LayerEntry[] {
  const tools = ['iptables', 'ip6tables'].flatMap((tool) => [tool, `${tool}-save`, `${tool}-restore`]);
  return [
    file('/usr/local/sbin/iptables-wrapper', iptablesWrapper),
    ...tools.map((t): LayerEntry => ({ type: 'symlink', path: `/usr/local/sbin/${t}`, target: 'iptables-wrapper' })),
  ];
}

function file(path: string, source: string): LayerEntry {
  return { type: 'file', path, source, mode: 0o755 };
}

function text(path: string, lines: readonly string[]): LayerEntry {
  return { type: 'file', path, content: lines.join('\n'), mode: 0o644 };
}
