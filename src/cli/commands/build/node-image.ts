import { defineCommand } from '../../command.ts';
import { flag } from '../../flag.ts';
import { explained, sharedFlags } from '../shared.ts';

export const buildNodeImage = defineCommand({
  path: ['build', 'node-image'],
  summary: 'Build a node image from Go modules and Debian packages',
  description:
    'Needs no container registry. The first build compiles Kubernetes and takes minutes; what was built before is taken ' +
    'from the cache.',
  flags: {
    k8sVersion: flag.text('release of Kubernetes: 1.36.3', {
      value: 'VERSION',
      default: 'the newest whose checksums are pinned',
    }),
    image: flag.text('name for the image', { value: 'IMAGE', default: 'localhost/kinpod-node:v<version>' }),
    imageStore: flag.choice(
      'unpacked: nodes start without unpacking images; packed: as in kind’s own node images',
      ['unpacked', 'packed'],
      { default: 'unpacked' },
    ),
    arch: flag.text("processor architecture, as Go names it; only this machine's can be built", { value: 'ARCH' }),
    output: sharedFlags.output,
  },
  examples: ['kinpod build node-image', 'kinpod build node-image --k8s-version 1.35.4 --image localhost/node:test'],
  run: async ({ flags, kinpod, common, out }) => {
    const { k8sVersion: kubernetesVersion, image, imageStore, arch } = flags;
    const { progress, signal } = common;
    const built = await explained(
      'failed to build node image',
      kinpod.buildNodeImage({ kubernetesVersion, image, imageStore, arch, progress, signal }),
    );
    if (flags.output === 'json') return out.json(built);
    out.data(built.image);
  },
});
