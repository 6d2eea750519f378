import { access } from 'node:fs/promises';
import { KinpodError } from '../../../errors/kinpod-error.ts';
import { defineCommand } from '../../command.ts';
import { arg, flag } from '../../flag.ts';
import { DEFAULT_CLUSTER, sharedFlags } from '../shared.ts';

export const loadImageArchive = defineCommand({
  path: ['load', 'image-archive'],
  summary: 'Load images from tar archives into nodes',
  description: 'Archives are what "podman save" and "docker save" write, of one image or several.',
  args: { files: arg.some('archive files', 'name of image archive is required') },
  flags: {
    name: sharedFlags.name,
    nodes: flag.list('nodes to load into', { default: 'all nodes of the cluster' }),
  },
  examples: ['kinpod load image-archive app.tar', 'kinpod load image-archive app.tar --nodes kind-worker,kind-worker2'],
  run: async ({ args, flags, kinpod, common }) => {
    for (const file of args.files) {
      await access(file).catch(() => {
        throw new KinpodError(`cannot read the image archive ${file}: there is no such file`, {
          code: 'archive-missing',
        });
      });
    }
    const { name = DEFAULT_CLUSTER, nodes } = flags;
    await kinpod.loadImageArchives(name, args.files, { ...common, nodes: nodes.length > 0 ? nodes : undefined });
  },
});
