import { isAbort } from '../../errors/kinpod-error.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../flag.ts';
import { clusterName, sharedFlags } from './shared.ts';

export const proxy = defineCommand({
  path: ['proxy'],
  summary: 'Forward a port of this host to the API server of a cluster whose nodes are Pods',
  description:
    'Until it is interrupted or the cluster is deleted; it waits through restarts of the API server and of its Pod. create ' +
    'cluster and export kubeconfig start one in the background by themselves, whose place this takes: for a look at what it does, ' +
    'or where a supervisor is to keep it.',
  flags: {
    name: sharedFlags.name,
    port: flag.number('port on 127.0.0.1', { value: 'PORT', min: 1, default: "the kubeconfig's" }),
  },
  endless: true,
  examples: ['kinpod proxy --provider kubernetes', 'kinpod proxy --provider kubernetes --name ci-42 --port 36443'],
  run: async ({ flags, kinpod, common, out }) => {
    const onListening = (url: string) => out.status(`Forwarding ${url}`);
    try {
      await kinpod.proxy(clusterName(flags.name), { ...common, port: flags.port, onListening });
    } catch (error) {
      // To be interrupted is how it ends.
      if (!common.signal.aborted || !isAbort(error)) throw error;
    }
  },
});
