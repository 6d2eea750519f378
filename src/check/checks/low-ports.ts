import { type Check, ok } from '../check.ts';

/** What the kernel begins with (ip(7)). */
const DEFAULT_START = 1024;

export const lowPorts: Check = {
  id: 'low-ports',
  title: 'Low ports',
  scope: 'run',
  async look({ host, rootless }) {
    if (!rootless) return undefined;
    const text = await host.readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start');
    const start = Number.parseInt(text ?? '', 10);
    const first = Number.isNaN(start) ? DEFAULT_START : start;
    if (first <= 80) return ok(`from ${first} on they can be published`);
    return ok(
      `those below ${first} are root's: publish others (8080 for 80), or set net.ipv4.ip_unprivileged_port_start`,
    );
  },
};
