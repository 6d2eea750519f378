import { defineCommand } from '../../command.ts';
import { sharedFlags } from '../shared.ts';

export const getClusters = defineCommand({
  path: ['get', 'clusters'],
  summary: "List the clusters by name, kind's too",
  flags: { output: sharedFlags.output },
  readOnly: true,
  examples: ['kinpod get clusters', 'kinpod get clusters -o json'],
  run: async ({ flags, kinpod, common, out }) => {
    const clusters = await kinpod.getClusters(common);
    if (flags.output === 'json') return out.json(clusters);
    if (clusters.length === 0) return out.status('No kind clusters found.');
    out.data(clusters.join('\n'));
  },
});
