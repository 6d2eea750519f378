import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { clusterName, deletion, explained, sharedFlags } from '../shared.ts';

export const deleteCluster = defineCommand({
  path: ['delete', 'cluster'],
  summary: 'Delete a cluster and everything that belongs to it',
  description: 'A cluster that does not exist is no error, so this may be run any number of times.',
  args: { name: arg.optional('cluster name', { sameAs: 'name', names: 'cluster' }) },
  flags: { name: sharedFlags.name, kubeconfig: sharedFlags.kubeconfig },
  examples: ['kinpod delete cluster', 'kinpod delete cluster --name ci-42'],
  run: async ({ flags, kinpod, common, out, asKind }) => {
    const { kubeconfig } = flags;
    const name = clusterName(flags.name);
    out.status(`Deleting cluster "${name}" ...`);
    await explained(
      `failed to delete cluster "${name}"`,
      kinpod.deleteCluster(name, { ...common, ...deletion(out, asKind), kubeconfig }),
    );
  },
});
