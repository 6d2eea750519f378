import { type Check, failure, ok, warning } from '../check.ts';
import { asRoot } from '../fix.ts';
import { fixBy, writing } from '../fixes.ts';
import { words } from '../host-facts.ts';

const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];
/** Without these kubelet cannot limit pods, and kind refuses to start. */
const REQUIRED = ['cpu', 'memory', 'pids'];

export const cgroupDelegation: Check = {
  id: 'cgroup-delegation',
  title: 'Delegated controllers',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, facts, rootless } = context;
    if (!rootless || facts.cgroup !== 'v2') return undefined;
    const slice = `/sys/fs/cgroup/user.slice/user-${host.uid}.slice/user@${host.uid}.service/cgroup.controllers`;
    const text = await host.readFile(slice);
    if (text === undefined) {
      return warning(`no systemd session of user ${host.uid} found: the engine may not limit nodes`);
    }
    const missing = WANTED.filter((name) => !words(text).includes(name));
    if (missing.length === 0) return ok(WANTED.join(', '));
    const fix = fixBy(
      context,
      [
        ...writing('/etc/systemd/system/user@.service.d/delegate.conf', `[Service]\nDelegate=${WANTED.join(' ')}\n`),
        asRoot('systemctl', 'daemon-reload'),
      ],
      { afterwards: 'log out of every session and in again, or reboot' },
    );
    const reason = `systemd does not delegate ${missing.join(', ')} to users`;
    return {
      ...(missing.some((name) => REQUIRED.includes(name)) ? failure(reason, fix) : warning(reason, fix)),
      links: ['https://rootlesscontaine.rs/getting-started/common/cgroup2/'],
    };
  },
};
