import { type Check, type CheckContext, type Finding, failure, ok } from '../check.ts';
import { asRoot } from '../fix.ts';
import { fixBy, installing } from '../fixes.ts';
import { lastLine } from '../podman-state.ts';

const PROGRAMS = ['newuidmap', 'newgidmap'];

export const newuidmap: Check = {
  id: 'newuidmap',
  title: 'newuidmap and newgidmap',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    if (!context.rootless) return undefined;
    const found = await Promise.all(PROGRAMS.map((program) => context.host.which(program)));
    const missing = PROGRAMS.filter((_, i) => found[i] === undefined);
    if (missing.length === 0)
      return mapping(
        context,
        found.filter((path) => path !== undefined),
      );
    return failure(
      `${missing.join(' and ')} not found: a rootless engine cannot map IDs`,
      installing(context, ['rootless'], 'install uidmap (Debian), shadow-utils (Fedora) or shadow'),
    );
  },
};

/**
 * They need root's right to map, by a file capability or the set-user-ID bit; copying a file system, or a security policy, takes
 * that from them. Tried, because it can be taken in many ways.
 */
async function mapping({ host, podman }: CheckContext, paths: readonly string[]): Promise<Finding> {
  if (podman.path === undefined || podman.info?.host.serviceIsRemote) return ok('installed');
  const { exitCode, stderr } = await host.run('podman', ['unshare', 'true']);
  if (exitCode === 0) return ok('installed, and may map IDs');
  // Whatever else keeps podman from a user namespace, other checks tell.
  if (!/new[ug]idmap/.test(stderr)) return ok('installed');
  return failure(`they may not map IDs: ${lastLine(stderr)}`, fixBy({ host }, [asRoot('chmod', 'u+s', ...paths)]));
}
