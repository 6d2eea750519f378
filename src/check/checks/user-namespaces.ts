import { type Check, failure, ok } from '../check.ts';
import { fixBy, settingKernel } from '../fixes.ts';

/** Ubuntu's profile that lets Podman make user namespaces where everybody else may not. */
const PODMAN_PROFILE = '/etc/apparmor.d/podman';
/** The program that it is attached to. */
const PROFILED_PODMAN = '/usr/bin/podman';

export const userNamespaces: Check = {
  id: 'user-namespaces',
  title: 'Unprivileged user namespaces',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, rootless } = context;
    if (!rootless) return undefined;
    const [clone, most, apparmor, profile] = await Promise.all([
      host.readFile('/proc/sys/kernel/unprivileged_userns_clone'),
      host.readFile('/proc/sys/user/max_user_namespaces'),
      host.readFile('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
      host.exists(PODMAN_PROFILE),
    ]);
    const mend = (settings: Record<string, number>) => fixBy(context, settingKernel('user-namespaces', settings));
    if (clone?.trim() === '0') {
      return failure(
        'kernel.unprivileged_userns_clone is 0: users may not make user namespaces',
        mend({ 'kernel.unprivileged_userns_clone': 1 }),
      );
    }
    if (most?.trim() === '0') {
      return failure(
        'user.max_user_namespaces is 0: nobody may make user namespaces',
        mend({ 'user.max_user_namespaces': 28_633 }),
      );
    }
    const { path } = context.podman;
    if (apparmor?.trim() === '1' && (!profile || (path !== undefined && path !== PROFILED_PODMAN))) {
      const why = profile
        ? `the profile is for ${PROFILED_PODMAN}, not for ${path}`
        : 'podman has no profile that allows them';
      return {
        ...failure(
          `AppArmor restricts user namespaces, and ${why}`,
          mend({ 'kernel.apparmor_restrict_unprivileged_userns': 0 }),
        ),
        links: ['https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces'],
      };
    }
    return ok('allowed');
  },
};
