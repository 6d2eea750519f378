import { defineCommand } from '../command.ts';
import { arg, flag } from '../flag.ts';
import { readConfig } from '../read-config.ts';
import { explained, sharedFlags } from './shared.ts';

export const up = defineCommand({
  path: ['up'],
  summary: 'Bring a cluster up and keep it up, or run a command against a fresh one',
  description:
    'Makes the cluster, or starts it where it is stopped, looks after it, and stops it when it is told to end. With a command ' +
    'after --: makes a cluster, runs the command with KUBECONFIG set, removes the cluster, and exits with the command’s status. ' +
    'This is what a container of the pod image runs; there API_SERVER_ADDRESS, API_SERVER_PORT and API_SERVER_SANS are taken ' +
    'from the environment too.',
  args: { command: arg.rest('command and its arguments') },
  flags: {
    name: sharedFlags.newName,
    config: flag.path('cluster configuration; - reads stdin', { default: '$KINPOD_CONFIG, a path or the text itself' }),
    image: flag.text('node image of every node', { value: 'IMAGE', default: 'as of create cluster' }),
    grace: flag.duration('within which the nodes are stopped at the end', { default: '8s', env: 'STOP_GRACE' }),
    retain: flag.boolean('leave the cluster of a command as it is'),
    readyFile: flag.path('file that exists while the cluster takes requests', { env: 'READY_FILE' }),
  },
  passThrough: true,
  examples: ['kinpod up --config cluster.yaml', 'kinpod up --name ci -- make test'],
  run: async ({ args, flags, kinpod, common, stdin }) => {
    const { name, image, grace: graceMs, retain, readyFile } = flags;
    const config = flags.config ? await readConfig(flags.config, stdin, common.signal) : undefined;
    const options = { ...common, name, config, image, graceMs, retain, readyFile, command: args.command };
    return explained('failed to bring the cluster up', kinpod.up(options));
  },
});
