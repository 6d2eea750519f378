import { RUNTIME_NAMES } from '../../../node/runtime/runtimes.ts';
import { defineCommand } from '../../command.ts';
import { arg, flag } from '../../flag.ts';
import { explained, sharedFlags } from '../shared.ts';

export const buildNodeImage = defineCommand({
  path: ['build', 'node-image'],
  summary: 'Build a node image from Go modules and Debian packages',
  description:
    'Needs no container registry. SOURCE is what kind takes: a release (v1.36.3), a server release by its file or URL ' +
    '(kubernetes-server-linux-amd64.tar.gz), a marker of Kubernetes’ CI (ci/latest) or a source directory; without it the ' +
    'default release is built. Releases are compiled from their Go module, which takes minutes the first time; what was ' +
    'built before is taken from the cache.',
  args: { source: arg.optional('which Kubernetes', { names: 'file' }) },
  flags: {
    type: flag.choice('what SOURCE is', ['url', 'file', 'release', 'ci', 'source'], { default: 'what it looks like' }),
    k8sVersion: flag.text('release of Kubernetes, or the version that a source directory is of: 1.36.3', {
      value: 'VERSION',
      default: 'the newest whose checksums are pinned',
    }),
    checksum: flag.text('checksum of the tarball: sha512:HEX or sha256:HEX', {
      value: 'CHECKSUM',
      default: 'the file beside it, .sha512 or .sha256',
    }),
    runtime: flag.choice('container runtime of the nodes', RUNTIME_NAMES, { default: 'containerd' }),
    crioVersion: flag.text('version of CRI-O, with --runtime cri-o: 1.34.0', {
      value: 'VERSION',
      default: 'the one whose checksums are pinned',
    }),
    image: flag.text('name for the image', {
      value: 'IMAGE',
      default: 'localhost/kinpod-node:v<version>, with CRI-O v<version>-cri-o',
    }),
    imageName: flag.text('name for the image, without its tag', { value: 'NAME', default: 'localhost/kinpod-node' }),
    imageTag: flag.text('tag for the image', { value: 'TAG', default: 'v<version>, with CRI-O v<version>-cri-o' }),
    baseImage: flag.text('image whose root file system nodes get', { value: 'IMAGE', default: 'Debian packages' }),
    imageStore: flag.choice(
      'unpacked: nodes start without unpacking images; packed: as in kind’s own node images',
      ['unpacked', 'packed'],
      { default: 'unpacked' },
    ),
    arch: flag.text("processor architecture, as Go names it; only this machine's can be built", { value: 'ARCH' }),
    output: sharedFlags.output,
  },
  examples: [
    'kinpod build node-image',
    'kinpod build node-image --runtime cri-o',
    'kinpod build node-image v1.35.4 --image localhost/node:test',
    'kinpod build node-image https://dl.k8s.io/v1.36.3/kubernetes-server-linux-amd64.tar.gz',
    'kinpod build node-image ~/src/kubernetes',
  ],
  run: async ({ args, flags, kinpod, common, out, asKind }) => {
    const { k8sVersion: kubernetesVersion, output, ...options } = flags;
    if (asKind) {
      const { buildAsKind } = await import('../../kind/build.ts');
      return buildAsKind({ source: args.source, ...options }, { kinpod, common, out });
    }
    const built = await explained(
      'failed to build node image',
      kinpod.buildNodeImage({ ...common, ...options, source: args.source, kubernetesVersion }),
      'error building node image',
    );
    if (output === 'json') return out.json(built);
    out.data(built.image);
  },
});
