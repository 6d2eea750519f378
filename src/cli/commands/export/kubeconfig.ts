import { defineCommand } from '../../command.ts';
import { DEFAULT_CLUSTER, sharedFlags } from '../shared.ts';

export const exportKubeconfig = defineCommand({
  path: ['export', 'kubeconfig'],
  summary: "Merge a cluster's kubeconfig into a file and make it the current context",
  flags: { name: sharedFlags.name, kubeconfig: sharedFlags.kubeconfig, internal: sharedFlags.internal },
  examples: ['kinpod export kubeconfig --name ci-42', 'kinpod export kubeconfig --kubeconfig ./kubeconfig.yaml'],
  run: async ({ flags, kinpod, common, out }) => {
    const { name = DEFAULT_CLUSTER, kubeconfig, internal } = flags;
    const { context } = await kinpod.exportKubeconfig(name, { ...common, kubeconfig, internal });
    out.status(`Set kubectl context to "${context}"`);
  },
});
