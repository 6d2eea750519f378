import { type Check, failure, ok } from '../check.ts';
import { installing } from '../fixes.ts';

const PROGRAMS = ['mmdebstrap', 'tar'];

export const mmdebstrap: Check = {
  id: 'mmdebstrap',
  title: 'mmdebstrap and tar',
  scope: 'build',
  async look(context) {
    const found = await Promise.all(PROGRAMS.map((program) => context.host.which(program)));
    const missing = PROGRAMS.filter((_, i) => found[i] === undefined);
    if (missing.length === 0) return ok('installed');
    return failure(
      `${missing.join(' and ')} not found: the node image's base is made with them`,
      installing(
        context,
        ['builder'],
        'build node images on Debian or Ubuntu, or in a container of these; `podman load` takes the image elsewhere',
      ),
    );
  },
};
