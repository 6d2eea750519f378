import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { clusterName } from '../shared.ts';
import { loadFlags } from './shared.ts';

export const loadImageArchive = defineCommand({
  path: ['load', 'image-archive'],
  summary: 'Load archives of images into nodes',
  description:
    "Takes what docker save and podman save write, Docker's layout and OCI's, also compressed with gzip, zstd, xz or bzip2. " +
    "Only the nodes' platform is loaded: blobs of others may be missing. Nodes that have all images of an archive already are left out.",
  args: { archives: arg.some('files; - for stdin', 'name of image archive is required', { names: 'file' }) },
  flags: loadFlags,
  examples: [
    'kinpod load image-archive app.tar',
    'kinpod load image-archive app.tar.gz db.tar --name ci-42',
    'kinpod load image-archive - < app.tar',
  ],
  run: async ({ args, flags, kinpod, common, out, stdin }) => {
    const options = { ...common, nodes: flags.nodes, stdin };
    const { loaded } = await kinpod.loadArchives(clusterName(flags.name), args.archives, options);
    if (flags.output === 'json') out.json(loaded);
  },
});
