import { KinpodError } from '../../../errors/kinpod-error.ts';
import { defineCommand } from '../../command.ts';
import { arg } from '../../flag.ts';
import { readConfig } from '../../read-config.ts';
import { sharedFlags } from '../shared.ts';

export const configValidate = defineCommand({
  path: ['config', 'validate'],
  summary: 'Check cluster configurations without making anything',
  description: 'Every problem is named with its line and column. - reads stdin.',
  args: { files: arg.some('configuration files', 'name of a configuration file is required', { names: 'file' }) },
  readOnly: true,
  flags: { output: sharedFlags.output },
  examples: [
    'kinpod config validate cluster.yaml',
    'kinpod config validate - < cluster.yaml',
    'kinpod config validate -o json *.yaml',
  ],
  run: async ({ args, flags, kinpod, common, out, stdin }) => {
    const isJson = flags.output === 'json';
    const results: object[] = [];
    const failures: KinpodError[] = [];
    for (const file of args.files) {
      const source = await readConfig(file, stdin, common.signal);
      const { path } = source;
      try {
        const { name, nodes, warnings } = kinpod.validateConfig(source);
        results.push({ path, valid: true, name, nodes, warnings });
        if (isJson) continue;
        for (const warning of warnings) common.progress.warn(warning);
        out.status(`${path} is valid: cluster "${name}", ${nodes} node${nodes === 1 ? '' : 's'}`);
      } catch (error) {
        if (!(error instanceof KinpodError) || error.code !== 'invalid-config') throw error;
        failures.push(error);
        results.push({ path, valid: false, problems: error.details?.split('\n') ?? [] });
      }
    }
    if (isJson) out.json(results);
    else if (failures.length > 0) throw together(failures);
    return failures.length > 0 ? 1 : 0;
  },
});

function together(failures: readonly KinpodError[]): KinpodError {
  const [first] = failures;
  if (failures.length === 1 && first) return first;
  const details = failures.map((failure) => failure.details ?? failure.message).join('\n');
  return new KinpodError(`${failures.length} files are not valid cluster configurations`, {
    code: 'invalid-config',
    details,
  });
}
