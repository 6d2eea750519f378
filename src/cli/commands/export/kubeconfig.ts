import { defineCommand } from '../../command.ts';
import { clusterName, sharedFlags } from '../shared.ts';

export const exportKubeconfig = defineCommand({
  path: ['export', 'kubeconfig'],
  summary: "Merge a cluster's kubeconfig into a file and make it the current context",
  flags: {
    name: sharedFlags.name,
    kubeconfig: sharedFlags.kubeconfig,
    internal: sharedFlags.internal,
    published: sharedFlags.published,
    server: sharedFlags.server,
  },
  examples: ['kinpod export kubeconfig --name ci-42', 'kinpod export kubeconfig --kubeconfig ./kubeconfig.yaml'],
  run: async ({ flags, kinpod, common, out }) => {
    const { kubeconfig, internal, published, server } = flags;
    const name = clusterName(flags.name);
    const { context } = await kinpod.exportKubeconfig(name, { ...common, kubeconfig, internal, published, server });
    out.status(`Set kubectl context to "${context}"`);
  },
});
