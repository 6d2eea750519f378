import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { readConfig } from '../../read-config.ts';

export const configValidate = defineCommand({
  path: ['config', 'validate'],
  summary: 'Check cluster configurations without making anything',
  description: 'Every problem is named with its line and column. - reads stdin.',
  args: { files: arg.some('configuration files', 'name of a configuration file is required', { names: 'file' }) },
  readOnly: true,
  examples: ['kinpod config validate cluster.yaml', 'kinpod config validate - < cluster.yaml'],
  run: async ({ args, kinpod, common, out, stdin }) => {
    for (const file of args.files) {
      const source = await readConfig(file, stdin, common.signal);
      const { name, nodes, warnings } = kinpod.validateConfig(source);
      for (const warning of warnings) common.progress.warn(warning);
      out.status(`${source.path} is valid: cluster "${name}", ${nodes} node${nodes === 1 ? '' : 's'}`);
    }
  },
});
