import { arch, platform } from 'node:process';
import { defineCommand } from '../command.ts';
import { sharedFlags } from './shared.ts';

export const version = defineCommand({
  path: ['version'],
  summary: 'Print the version',
  description: 'With -q the version alone.',
  flags: { output: sharedFlags.output },
  readOnly: true,
  examples: ['kinpod version', 'kinpod version -q', 'kinpod version -o json'],
  run: async ({ flags, kinpod, out }) => {
    const { version, commit } = kinpod.version();
    if (flags.output === 'json') return out.json({ version, commit, node: process.versions.node, platform, arch });
    if (out.quiet) return out.data(version);
    out.data(
      [
        `kinpod v${version}`,
        ...(commit ? [`(${commit.slice(0, 14)})`] : []),
        `node${process.version}`,
        `${platform}/${arch}`,
      ].join(' '),
    );
  },
});
