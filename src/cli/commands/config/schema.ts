import { defineCommand } from '../../command.ts';

export const configSchema = defineCommand({
  path: ['config', 'schema'],
  summary: 'Print the JSON Schema of cluster configurations',
  description:
    'For editors that complete and check YAML: save it and name it in the first line of a configuration as ' +
    '"# yaml-language-server: $schema=./cluster.schema.json".',
  readOnly: true,
  examples: ['kinpod config schema > cluster.schema.json'],
  run: async ({ kinpod, out }) => out.json(kinpod.configSchema()),
});
