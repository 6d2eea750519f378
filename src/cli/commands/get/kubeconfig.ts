import { defineCommand } from '../../command.ts';
import { clusterName, sharedFlags } from '../shared.ts';

export const getKubeconfig = defineCommand({
  path: ['get', 'kubeconfig'],
  summary: "Print a cluster's kubeconfig",
  flags: {
    name: sharedFlags.name,
    internal: sharedFlags.internal,
    published: sharedFlags.published,
    server: sharedFlags.server,
  },
  readOnly: true,
  examples: ['kinpod get kubeconfig > kubeconfig.yaml', 'kinpod get kubeconfig --name ci-42 --internal'],
  run: async ({ flags, kinpod, common, out }) => {
    const { internal, published, server } = flags;
    const name = clusterName(flags.name);
    out.data(await kinpod.getKubeconfig(name, { ...common, internal, published, server }));
  },
});
