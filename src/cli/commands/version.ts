import { arch, platform } from 'node:process';
import { defineCommand } from '../command.ts';
import { KIND_VERSION } from '../kind/command-line.ts';
import { sharedFlags } from './shared.ts';

export const version = defineCommand({
  path: ['version'],
  summary: 'Print the version',
  description: 'With -q the version alone.',
  flags: { output: sharedFlags.output },
  readOnly: true,
  examples: ['kinpod version', 'kinpod version -q', 'kinpod version -o json'],
  run: async ({ flags, kinpod, out, asKind }) => {
    const { version, commit } = kinpod.version();
    // Tools read the second word; the third, which is Go's version in kind, says who answers.
    if (asKind) return out.data(out.quiet ? KIND_VERSION : `kind v${KIND_VERSION} kinpod-v${version} ${goPlatform()}`);
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

/** `linux/amd64`, as Go names it. */
function goPlatform(): string {
  return `${platform}/${arch === 'x64' ? 'amd64' : arch}`;
}
