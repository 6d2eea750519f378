import { type Check, failure, ok, warning } from '../check.ts';
import { advice, installing } from '../fixes.ts';

/** Runtimes on which kinpod's nodes are known to run. */
const KNOWN = ['crun', 'runc'];

export const ociRuntime: Check = {
  id: 'oci-runtime',
  title: 'Container runtime',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const runtime = context.podman.info?.host.ociRuntime;
    if (runtime === undefined) return undefined;
    const { name = '', path = '' } = runtime;
    const install = installing(context, ['engine'], 'install crun or runc');
    const answer = path === '' ? undefined : await context.host.run(path, ['--version']);
    if (answer === undefined || answer.exitCode !== 0) {
      return failure(
        `podman's runtime ${name || 'crun'} does not run: ${answer?.stderr.trim() || 'not found'}`,
        install,
      );
    }
    const version = /version\s+(\S+)/.exec(answer.stdout)?.[1] ?? '';
    if (!KNOWN.includes(name)) {
      return warning(
        `${name} ${version} is not a runtime that kinpod is tried with`,
        advice('set `runtime = "crun"` in [engine] of containers.conf'),
      );
    }
    return ok(`${name} ${version}`.trim());
  },
};
