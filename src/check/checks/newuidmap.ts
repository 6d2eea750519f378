import { type Check, failure, ok } from '../check.ts';
import { installing } from '../fixes.ts';

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
    if (missing.length === 0) return ok('installed');
    return failure(
      `${missing.join(' and ')} not found: a rootless engine cannot map IDs`,
      installing(context, ['rootless'], 'install uidmap (Debian), shadow-utils (Fedora) or shadow'),
    );
  },
};
