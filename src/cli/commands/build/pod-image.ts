import { defineCommand } from '../../command.ts';
import { flag } from '../../flag.ts';
import { explained, sharedFlags } from '../shared.ts';

export const buildPodImage = defineCommand({
  path: ['build', 'pod-image'],
  summary: 'Build the image with which kinpod makes clusters inside a container or Pod',
  description:
    'Needs no container registry: Debian packages, kinpod itself, the Node.js that runs it, and a node image that is here. ' +
    'A container of it is started read-only and privileged, with a volume at /var/lib/containers: see docs/in-a-pod.md. What ' +
    'was built before is taken from the cache.',
  flags: {
    image: flag.text('name for the image', { value: 'IMAGE', default: 'localhost/kinpod:<version>' }),
    nodeImage: flag.text('node image to put into it', { value: 'IMAGE', default: "kinpod's own" }),
    withoutNodeImage: flag.boolean('leave the node image out: clusters get theirs from a registry'),
    output: sharedFlags.output,
  },
  examples: ['kinpod build pod-image', 'kinpod build pod-image --node-image localhost/kinpod-node:v1.35.4'],
  run: async ({ flags, kinpod, common, out }) => {
    const { image, output } = flags;
    const nodeImage = flags.withoutNodeImage ? false : flags.nodeImage;
    const built = await explained('failed to build pod image', kinpod.buildPodImage({ ...common, image, nodeImage }));
    if (output === 'json') return out.json(built);
    out.data(built.image);
  },
});
