import type { CheckReport } from '../../index.ts';
import { isSmartTerminal } from '../../progress/terminal.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../flag.ts';
import { confirmFix, sharedFlags } from './shared.ts';

export const check = defineCommand({
  path: ['check'],
  summary: 'Check whether this host can run clusters and build node images',
  description:
    'Each finding comes with the command that mends it. The exit code is 1 where there is an error; warnings leave it 0. With ' +
    '--provider kubernetes it is not this host that is looked at but the cluster that nodes would be Pods of: what you may do there, ' +
    'what its namespace takes, whether it has the node image, and what short-lived Pods find on its nodes.',
  flags: {
    fix: flag.boolean('run the commands that mend what was found; asks before each'),
    yes: flag.boolean('with --fix: do not ask', { short: 'y' }),
    image: flag.text('with --provider kubernetes: node image that the cluster is to have', {
      value: 'IMAGE',
      default: "kinpod's own",
    }),
    for: flag.choice('what the host is to be good for', ['run', 'build', 'all'], { default: 'all' }),
    output: sharedFlags.output,
  },
  examples: [
    'kinpod check',
    'kinpod check --fix --yes',
    'kinpod check -o json',
    'kinpod check --provider kubernetes --context staging --namespace ci',
  ],
  run: async ({ flags, kinpod, common, out, confirm }) => {
    const show = (report: Pick<CheckReport, 'results' | 'ok'>) => {
      if (flags.output === 'json') out.json(report);
      else out.data(kinpod.renderReport(report, { color: isSmartTerminal(out.stdout, common.env) }));
      return report.ok ? 0 : 1;
    };
    if (common.provider === 'kubernetes') {
      const step = common.progress.step('Checking the cluster for nodes as Pods');
      const report = await kinpod.checkOuterCluster({ ...common, image: flags.image });
      step.done();
      if (flags.fix) out.status('What a cluster lacks is for its administrators to mend: nothing was changed');
      return show(report);
    }
    const step = common.progress.step('Checking the host');
    let report = await kinpod.checkHost({ ...common, scope: flags.for });
    step.done();
    if (flags.fix) {
      report = await kinpod.fixHost(report, { ...common, confirm: flags.yes ? undefined : confirmFix(confirm) });
    }
    return show(report);
  },
});
