import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { DEFAULT_CLUSTER, sharedFlags } from '../shared.ts';

export const exportLogs = defineCommand({
  path: ['export', 'logs'],
  summary: "Write the logs of a cluster's nodes and pods into a directory, and print its name",
  args: { dir: arg.optional('directory; default: a new temporary one') },
  flags: { name: sharedFlags.name },
  examples: ['kinpod export logs', 'kinpod export logs ./logs --name ci-42'],
  run: async ({ args, flags, kinpod, common, out }) => {
    const { name = DEFAULT_CLUSTER } = flags;
    const { dir } = await kinpod.exportLogs(name, args.dir, common);
    out.status(`Exporting logs for cluster "${name}" to:`);
    out.data(dir);
  },
});
