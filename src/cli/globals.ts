import { type Flags, flag, type ValuesOf } from './flag.ts';

/** Flags that every command takes, before and after its name. */
export const globalFlags = {
  verbosity: flag.number(
    'show more of what is done; 1: what is waited for, stacks of errors; 2: programs that are run; 3: their output',
    {
      short: 'v',
      default: '0',
    },
  ),
  quiet: flag.boolean('write nothing to stderr but errors', { short: 'q' }),
  compat: flag.choice(
    'print what kind prints, and take what it takes; must stand before the command',
    ['kind', 'none'],
    { default: 'kind where kinpod is called by that name; env: KINPOD_COMPAT' },
  ),
  provider: flag.text('what nodes are: containers of docker or podman, or Pods of a cluster (kubernetes)', {
    value: 'NAME',
    default: 'the first engine that can be used; env: KINPOD_PROVIDER',
  }),
  context: flag.text('kubeconfig context of the cluster that has the Pods', {
    value: 'NAME',
    default: 'the current one',
  }),
  namespace: flag.text('namespace of the Pods', { value: 'NAME', default: "the context's" }),
  version: flag.boolean('print the version and do nothing else'),
} as const satisfies Flags;

export type GlobalValues = ValuesOf<typeof globalFlags>;
