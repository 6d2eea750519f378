import { defineCommand } from '../command.ts';
import { flag } from '../flag.ts';
import { confirmFix, sharedFlags } from './shared.ts';

export const quickstart = defineCommand({
  path: ['quickstart'],
  summary: 'Go from any host to a cluster with a workload that answers',
  description:
    'Checks the host and mends what is missing, gets or builds a node image, creates a cluster, deploys a small workload and ' +
    'reaches it through a port. What is there already is used, so it may be run again.',
  flags: {
    name: sharedFlags.name,
    yes: flag.boolean('do not ask before the host is changed', { short: 'y' }),
  },
  examples: ['kinpod quickstart', 'kinpod quickstart --yes'],
  run: async ({ flags, kinpod, common, out, confirm }) => {
    const result = await kinpod.quickstart({
      ...common,
      name: flags.name,
      confirm: flags.yes ? undefined : confirmFix(confirm),
    });
    out.data(kinpod.renderQuickstart(result, common.env.KINPOD_CALLED_AS));
  },
});
