import { commandLine } from '../../../exec/command-line.ts';
import { onPath } from '../../../exec/on-path.ts';
import { RUNTIME_NAMES } from '../../../node/runtime/runtimes.ts';
import { defineCommand } from '../../command.ts';
import { arg, flag } from '../../flag.ts';
import { readConfig } from '../../read-config.ts';
import { explained, sharedFlags } from '../shared.ts';

export const createCluster = defineCommand({
  path: ['create', 'cluster'],
  summary: 'Create a cluster',
  description:
    'Creates a Kubernetes cluster whose nodes are containers and sets the current kubectl context to it. ' +
    'What fails or is interrupted is undone, unless --retain is given.',
  args: { name: arg.optional('cluster name', { sameAs: 'name' }) },
  flags: {
    name: sharedFlags.newName,
    config: flag.path('cluster configuration; - reads stdin'),
    image: flag.text('node image of every node', {
      value: 'IMAGE',
      default: "kinpod's own or kind's, see kinpod build",
    }),
    runtime: flag.choice('container runtime of the nodes', RUNTIME_NAMES, { default: 'what the image has' }),
    retain: flag.boolean('keep the nodes where creating fails, for a look at them'),
    wait: flag.duration('how long to wait until the nodes are ready: 30s, 5m', { default: '0, do not wait' }),
    kubeconfig: sharedFlags.kubeconfig,
    dryRun: flag.boolean('print the steps instead of taking them'),
    timeoutFactor: flag.number('multiplies every time limit, for slow machines', {
      default: '1',
      env: 'TIMEOUT_FACTOR',
    }),
    expose: flag.choice(
      'for nodes that are Pods: how the API server is reached from outside of their cluster',
      ['port-forward', 'nodeport', 'loadbalancer', 'clusterip'],
      { default: 'port-forward; clusterip in a Pod of that cluster' },
    ),
    storage: flag.text('for nodes that are Pods: size of a volume for each, which outlives its Pod', {
      value: 'SIZE',
      default: 'none: what a node has goes with its Pod',
    }),
    storageClass: flag.text('for nodes that are Pods: StorageClass of the volumes', {
      value: 'NAME',
      default: "the outer cluster's own default",
    }),
    output: sharedFlags.output,
  },
  examples: [
    'kinpod create cluster',
    'kinpod create cluster ci-42 --wait 2m',
    'kinpod create cluster --config cluster.yaml --image localhost/kinpod-node:v1.36.3',
    'kinpod create cluster ci-42 --runtime cri-o',
    'kinpod create cluster --dry-run',
    'kinpod create cluster --provider kubernetes --context staging --namespace ci',
  ],
  run: async ({ flags, kinpod, common, out, asKind, stdin }) => {
    const { name, image, runtime, retain, wait, kubeconfig, dryRun, timeoutFactor, expose } = flags;
    const { storage, storageClass } = flags;
    const create = async () => {
      const config = flags.config ? await readConfig(flags.config, stdin, common.signal) : undefined;
      return kinpod.createCluster({
        ...common,
        ...{ name, config, image, runtime, retain, waitMs: wait, kubeconfig, dryRun, timeoutFactor, expose },
        ...{ storage, storageClass },
      });
    };
    const created = await explained('failed to create cluster', create());
    if (flags.output === 'json') return out.json(created);
    if (created.plan !== undefined) return out.data(created.plan);
    const inFile = kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig];
    out.status(`Set kubectl context to "${created.context}"`);
    out.status('You can now use your cluster with:\n');
    out.status(commandLine('kubectl', ['cluster-info', '--context', created.context, ...inFile]));
    if (common.provider === 'kubernetes' && created.server.startsWith('https://127.0.0.1:')) {
      out.status(`\n${created.server} is kept open by a process in the background; after a restart of this host:\n`);
      out.status(commandLine('kinpod', ['export', 'kubeconfig', '--provider', 'kubernetes', '--name', created.name]));
    }
    if (!asKind && !(await onPath('kubectl', common.env))) {
      const nameFlag = created.name === 'kind' ? [] : ['--name', created.name];
      out.status(`\nkubectl is not installed here; kinpod has one:\n`);
      out.status(commandLine('kinpod', ['kubectl', ...nameFlag, '--', 'get', 'nodes']));
    }
  },
});
