import { defineCommand } from '../command.ts';
import { arg } from '../flag.ts';
import { clusterName, sharedFlags } from './shared.ts';

export const kubectl = defineCommand({
  path: ['kubectl'],
  summary: "Run the kubectl of the cluster's own version against it",
  description: 'Needs no kubectl on this machine. What follows -- is passed on as it is, and so is the exit code.',
  args: { args: arg.rest("kubectl's own arguments") },
  flags: { name: sharedFlags.name },
  passThrough: true,
  examples: ['kinpod kubectl -- get nodes', 'kinpod kubectl --name ci-42 -- -n kube-system get pods -o wide'],
  run: ({ args, flags, kinpod, common }) => kinpod.kubectl(clusterName(flags.name), args.args, common),
});
