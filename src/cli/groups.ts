/** The program itself, for help and the reference page. */
export const program = {
  name: 'kinpod',
  description: 'Real Kubernetes clusters whose nodes are containers, in seconds.',
} as const;

/** What the first words of commands mean, for help. */
export const groups: Readonly<Record<string, string>> = {
  build: 'Build node images and pod images',
  completion: 'Print the script with which a shell completes commands, flags and names',
  config: 'Work with cluster configurations',
  create: 'Create clusters',
  delete: 'Delete clusters',
  export: 'Write a kubeconfig or logs to files',
  get: 'List clusters and nodes, print a kubeconfig',
  load: 'Load images into nodes',
};
