import { type Check, failure, ok } from '../check.ts';
import { installing } from '../fixes.ts';

export const cCompiler: Check = {
  id: 'c-compiler',
  title: 'C compiler',
  scope: 'build',
  async look(context) {
    if ((await context.host.which('gcc')) !== undefined) return ok('gcc is installed');
    return failure(
      'gcc is not installed: it builds the C in runc and CRI-O',
      installing(context, ['c-compiler'], 'install gcc'),
    );
  },
};
