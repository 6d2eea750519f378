import { isSmartTerminal } from '../../progress/terminal.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../flag.ts';
import { confirmFix, sharedFlags } from './shared.ts';

export const check = defineCommand({
  path: ['check'],
  summary: 'Check whether this host can run clusters and build node images',
  description:
    'Each finding comes with the command that mends it. The exit code is 1 where there is an error; warnings leave it 0.',
  flags: {
    fix: flag.boolean('run the commands that mend what was found; asks before each'),
    yes: flag.boolean('with --fix: do not ask', { short: 'y' }),
    for: flag.choice('what the host is to be good for', ['run', 'build', 'all'], { default: 'all' }),
    output: sharedFlags.output,
  },
  examples: ['kinpod check', 'kinpod check --fix --yes', 'kinpod check -o json'],
  run: async ({ flags, kinpod, common, out, confirm }) => {
    const step = common.progress.step('Checking the host');
    let report = await kinpod.checkHost({ ...common, scope: flags.for });
    step.done();
    if (flags.fix) {
      report = await kinpod.fixHost(report, { ...common, confirm: flags.yes ? undefined : confirmFix(confirm) });
    }
    if (flags.output === 'json') out.json(report);
    else out.data(kinpod.renderReport(report, { color: isSmartTerminal(out.stdout, common.env) }));
    return report.ok ? 0 : 1;
  },
});
