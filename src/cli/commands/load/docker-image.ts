import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { clusterName } from '../shared.ts';
import { loadFlags } from './shared.ts';

export const loadDockerImage = defineCommand({
  path: ['load', 'docker-image'],
  summary: 'Load images of Docker or Podman on this host into nodes',
  description:
    'Looks into the engine that the cluster runs on, then into the other. Nodes that have an image already are left out. ' +
    'What Podman calls localhost/app:1 is known in the nodes by that name and, where app:1 was asked for, by docker.io/library/app:1 too.',
  args: { images: arg.some('names or IDs of images', 'a list of image names is required') },
  flags: loadFlags,
  examples: [
    'kinpod load docker-image app:1',
    'kinpod load docker-image app:1 db:7 --name ci-42',
    'kinpod load docker-image app:1 --nodes kind-worker,kind-worker2',
  ],
  run: async ({ args, flags, kinpod, common, out }) => {
    const { loaded } = await kinpod.loadImages(clusterName(flags.name), args.images, { ...common, nodes: flags.nodes });
    if (flags.output === 'json') out.json(loaded);
  },
});
