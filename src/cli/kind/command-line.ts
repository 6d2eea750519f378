/** How many arguments a command of kind's takes, as its flag library says it. */
export type ArgsRule =
  | 'none'
  | 'any'
  | { atMost: number }
  /** At least one; the words where there is none. */
  | { missing: string };

/** One command of kind 0.33, as far as its command line goes. */
export interface KindCommand {
  /** What kind's help shows behind the command's name. */
  usage?: string;
  args: ArgsRule;
  /** Its flags by our names. kinpod's own are unknown to somebody who calls kind. */
  flags: readonly string[];
  /** Defaults that kind's help shows. */
  defaults?: Readonly<Record<string, string>>;
}

const ofCluster = { args: 'none', defaults: { name: 'kind' } } as const;

/**
 * kind's commands (pkg/cmd/kind in kind 0.33.0), by path. Who calls kinpod as kind gets these and their flags, no more: what kind
 * refuses is refused, in kind's words.
 */
export const kindCommands: Readonly<Record<string, KindCommand>> = {
  'build node-image': {
    usage: '[kubernetes-source]',
    args: { atMost: 1 },
    flags: ['type', 'image', 'baseImage', 'arch'],
  },
  'completion bash': { args: 'none', flags: [] },
  'completion fish': { args: 'none', flags: [] },
  'completion powershell': { args: 'none', flags: [] },
  'completion zsh': { args: 'none', flags: [] },
  'create cluster': { args: 'none', flags: ['name', 'config', 'image', 'retain', 'wait', 'kubeconfig'] },
  'delete cluster': { ...ofCluster, flags: ['name', 'kubeconfig'] },
  'delete clusters': { args: 'any', flags: ['all', 'kubeconfig'] },
  'export kubeconfig': { ...ofCluster, flags: ['name', 'kubeconfig', 'internal'] },
  'export logs': { ...ofCluster, usage: '[output-dir]', args: { atMost: 1 }, flags: ['name'] },
  'get clusters': { args: 'none', flags: [] },
  'get kubeconfig': { ...ofCluster, flags: ['name', 'internal'] },
  'get nodes': { ...ofCluster, flags: ['name', 'allClusters'] },
  'load docker-image': {
    ...ofCluster,
    usage: '<IMAGE> [IMAGE...]',
    args: { missing: 'a list of image names is required' },
    flags: ['name', 'nodes'],
  },
  'load image-archive': {
    ...ofCluster,
    usage: '<IMAGE.tar>',
    args: { missing: 'name of image archive is required' },
    flags: ['name', 'nodes'],
  },
  version: { args: 'any', flags: [] },
};

/** How many arguments the first words take by themselves; the others look at none before they ask for a subcommand. */
export const kindGroupArgs: Readonly<Record<string, ArgsRule>> = { load: 'none' };

/** The release of kind that kinpod is compatible with: what `kind version` tells tools that ask. */
export const KIND_VERSION = '0.33.0';

/** Values of KIND_EXPERIMENTAL_PROVIDER that kind knows; it warns of others, and goes on without them. */
export const KIND_PROVIDERS: readonly string[] = ['docker', 'podman', 'nerdctl', 'finch', 'nerdctl.lima'];
