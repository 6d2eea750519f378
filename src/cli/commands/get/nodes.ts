import { defineCommand } from '../../command.ts';
import { flag } from '../../flag.ts';
import { clusterName, sharedFlags } from '../shared.ts';

export const getNodes = defineCommand({
  path: ['get', 'nodes'],
  summary: 'List the nodes of a cluster by name',
  flags: {
    name: sharedFlags.name,
    allClusters: flag.boolean('the nodes of all clusters; --name is ignored', { short: 'A' }),
    output: sharedFlags.output,
  },
  readOnly: true,
  examples: ['kinpod get nodes', 'kinpod get nodes --name ci-42 -o json', 'kinpod get nodes --all-clusters'],
  run: async ({ flags, kinpod, common, out }) => {
    const { allClusters } = flags;
    const name = clusterName(flags.name);
    const nodes = await kinpod.getNodes(allClusters ? undefined : name, common);
    if (flags.output === 'json') return out.json(nodes);
    if (nodes.length > 0) return out.data(nodes.map((node) => node.name).join('\n'));
    out.status(allClusters ? 'No kind nodes for any cluster.' : `No kind nodes found for cluster "${name}".`);
  },
});
