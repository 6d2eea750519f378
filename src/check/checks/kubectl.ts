import { type Check, ok } from '../check.ts';

/** For information: kinpod brings the cluster's own kubectl. */
export const kubectl: Check = {
  id: 'kubectl',
  title: 'kubectl',
  scope: 'run',
  anywhere: true,
  async look({ host }) {
    const path = await host.which('kubectl');
    if (path === undefined) return ok('not installed: `kinpod kubectl` runs the one of the cluster');
    return ok(path);
  },
};
