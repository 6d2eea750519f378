import semver from 'semver';
import { type Check, failure, ok } from '../check.ts';
import { advice, installing } from '../fixes.ts';

/** The first Go that fetches the toolchain that a module asks for (go.dev/doc/toolchain). */
const FIRST_WITH_TOOLCHAINS = '1.21.0';
/** The newest that a module of the default Kubernetes version asks for (`go` lines in images/node/modules). */
export const GO_OF_MODULES = '1.26.2';

const LINK = 'https://go.dev/doc/install';

export const go: Check = {
  id: 'go',
  title: 'Go',
  scope: 'build',
  anywhere: true,
  async look(context) {
    const { host } = context;
    const fix = installing(context, ['go'], `install Go 1.21 or newer: ${LINK}`);
    if ((await host.which('go')) === undefined) {
      return { ...failure('go is not installed: it builds the Kubernetes binaries', fix), links: [LINK] };
    }
    const answer = await host.run('go', ['env', 'GOVERSION', 'GOTOOLCHAIN']);
    const [goVersion = '', toolchain = ''] = answer.stdout.split('\n').map((line) => line.trim());
    const version = semver.coerce(goVersion.replace(/^go/, ''));
    if (answer.exitCode !== 0 || version === null) {
      return failure(`go does not tell its version: ${answer.stderr.trim() || answer.stdout.trim()}`, fix);
    }
    if (semver.gte(version, GO_OF_MODULES)) return ok(`go ${version}`);
    if (semver.lt(version, FIRST_WITH_TOOLCHAINS)) {
      return {
        ...failure(`go ${version} is too old: 1.21 is the first that fetches newer toolchains`, fix),
        links: [LINK],
      };
    }
    if (toolchain === 'local') {
      return failure(
        `go ${version} with GOTOOLCHAIN=local: the modules need go ${GO_OF_MODULES} and it may not fetch it`,
        advice('unset GOTOOLCHAIN, or `go env -u GOTOOLCHAIN`'),
      );
    }
    return ok(`go ${version}: fetches the toolchain that the modules need`);
  },
};
