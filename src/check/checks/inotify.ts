import { type Check, ok, warning } from '../check.ts';
import { fixBy, settingKernel } from '../fixes.ts';
import { ENOUGH_INOTIFY_INSTANCES, ENOUGH_INOTIFY_WATCHES } from '../repair.ts';

export const inotify: Check = {
  id: 'inotify',
  title: 'inotify limits',
  scope: 'run',
  look(context) {
    const { inotifyInstances, inotifyWatches } = context.facts;
    const numbers = `${inotifyInstances} instances, ${inotifyWatches} watches`;
    if (inotifyInstances >= ENOUGH_INOTIFY_INSTANCES && inotifyWatches >= ENOUGH_INOTIFY_WATCHES) return ok(numbers);
    // All in the file: the one that is high enough now may have been set for this boot only.
    const all = {
      'fs.inotify.max_user_instances': Math.max(inotifyInstances, ENOUGH_INOTIFY_INSTANCES),
      'fs.inotify.max_user_watches': Math.max(inotifyWatches, ENOUGH_INOTIFY_WATCHES),
    };
    return {
      ...warning(
        `${numbers}: several nodes use them up ("too many open files"), ${ENOUGH_INOTIFY_INSTANCES} and ${ENOUGH_INOTIFY_WATCHES} are enough`,
        fixBy(context, settingKernel('inotify', all)),
      ),
      links: ['https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files'],
    };
  },
};
