import { type Check, ok, warning } from '../check.ts';
import { asRoot } from '../fix.ts';
import { advice, fixBy } from '../fixes.ts';
import { isWsl } from '../wsl.ts';

const ON_WSL = 'write "[boot]" and "systemd=true" into /etc/wsl.conf, then `wsl --shutdown` in Windows';

export const userSession: Check = {
  id: 'user-session',
  title: 'User session',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, rootless, podman } = context;
    if (!rootless) return undefined;
    const runtime = host.env.XDG_RUNTIME_DIR ?? `/run/user/${host.uid}`;
    if (!(await host.exists(`${runtime}/bus`))) {
      return warning(
        `no D-Bus session at ${runtime}/bus: podman cannot have systemd limit nodes`,
        advice(
          (await isWsl(host))
            ? ON_WSL
            : 'log in by ssh or at the console (not by su), with dbus-user-session installed',
        ),
      );
    }
    if (podman.info?.host.cgroupManager === 'cgroupfs') {
      return warning(
        'podman manages cgroups by itself: limits of nodes have no effect where rootless',
        advice('set cgroup_manager = "systemd" in [engine] of ~/.config/containers/containers.conf'),
      );
    }
    if (!(await host.exists(`/var/lib/systemd/linger/${host.userName}`))) {
      return warning(
        'no lingering: clusters end when you log out',
        fixBy(context, [asRoot('loginctl', 'enable-linger', host.userName)]),
      );
    }
    return ok('D-Bus session, lingering');
  },
};
