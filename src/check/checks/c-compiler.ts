import { type Check, ok, warning } from '../check.ts';
import { installing } from '../fixes.ts';

/** Only needed for node images with CRI-O, so its absence is no error. */
export const cCompiler: Check = {
  id: 'c-compiler',
  title: 'C compiler',
  scope: 'build',
  async look(context) {
    if ((await context.host.which('gcc')) !== undefined) return ok('gcc is installed');
    return warning(
      'gcc not found: node images with CRI-O are built with it, those with containerd are not',
      installing(context, ['c-compiler'], 'install gcc'),
    );
  },
};
