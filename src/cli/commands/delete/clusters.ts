import { KinpodError, kindMessageOf } from '../../../errors/kinpod-error.ts';
import { defineCommand } from '../../command.ts';
import { arg, flag } from '../../flag.ts';
import { deletion, explained, quoted, sharedFlags } from '../shared.ts';

export const deleteClusters = defineCommand({
  path: ['delete', 'clusters'],
  summary: 'Delete several clusters',
  description: 'A cluster that does not exist is no error, so this may be run any number of times.',
  args: { names: arg.rest('cluster names', { names: 'cluster' }) },
  flags: { all: flag.boolean('delete all clusters', { short: 'A' }), kubeconfig: sharedFlags.kubeconfig },
  examples: ['kinpod delete clusters ci-42 ci-43', 'kinpod delete clusters --all'],
  run: async ({ args, flags, kinpod, common, out, asKind }) => {
    if (!flags.all && args.names.length === 0) {
      throw new KinpodError('no cluster names provided', { code: 'usage', hint: 'name them, or give --all' });
    }
    const { clusters, failures } = await explained(
      flags.all ? 'failed listing clusters for delete' : 'failed to delete clusters',
      kinpod.deleteClusters(flags.all ? 'all' : args.names, {
        ...common,
        ...deletion(out, asKind),
        kubeconfig: flags.kubeconfig,
      }),
    );
    for (const { name, error } of failures) {
      if (!(error instanceof KinpodError)) throw error;
      out.status(`failed to delete cluster "${name}": ${asKind ? kindMessageOf(error) : error.message}`);
    }
    out.status(`Deleted clusters: ${quoted(clusters)}`);
    const [first] = failures;
    // kind has told it, and ends as if nothing had failed.
    if (first && !asKind) await explained(`failed to delete cluster "${first.name}"`, Promise.reject(first.error));
  },
});
