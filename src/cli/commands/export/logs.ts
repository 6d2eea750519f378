import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { clusterName, sharedFlags } from '../shared.ts';

export const exportLogs = defineCommand({
  path: ['export', 'logs'],
  summary: "Write a cluster's logs into a directory, with a summary of what is wrong",
  description:
    "The directory is laid out as kind's, plus summary.txt: nodes that are not Ready, pods that do not run, restarts, the last errors " +
    'of kubelet and containerd, and what could not be collected. Stopped nodes and failing commands do not end the export.',
  args: { dir: arg.optional('directory to write to; default: a new one for temporary files', { names: 'directory' }) },
  flags: { name: sharedFlags.name },
  examples: ['kinpod export logs', 'kinpod export logs ./logs --name ci-42'],
  run: async ({ args, flags, kinpod, common, out }) => {
    // Said before the work begins: scripts want the directory also where the rest fails.
    await kinpod.exportLogs(clusterName(flags.name), { ...common, dir: args.dir, onDirectory: (dir) => out.data(dir) });
  },
});
