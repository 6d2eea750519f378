import { type Check, ok, warning } from '../check.ts';
import { asRoot } from '../fix.ts';
import { fixBy, writing } from '../fixes.ts';

/** Packet filter of the host's kernel: one of them must be there, and a rootless node cannot load either. */
const PACKET_FILTERS = ['nf_tables', 'ip_tables'];
/** What kind's page on rootless loads, and the newer filter. */
const TO_LOAD = ['nf_tables', 'ip_tables', 'iptable_nat', 'ip6_tables', 'ip6table_nat'];

export const rootlessModules: Check = {
  id: 'rootless-modules',
  title: 'Packet filter of the kernel',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, rootless } = context;
    if (!rootless) return undefined;
    const release = ((await host.readFile('/proc/sys/kernel/osrelease')) ?? '').trim();
    const [loaded = '', builtIn = '', tables] = await Promise.all([
      host.readFile('/proc/modules'),
      host.readFile(`/lib/modules/${release}/modules.builtin`),
      host.exists('/proc/net/ip_tables_names'),
    ]);
    const present = PACKET_FILTERS.filter(
      (name) => new RegExp(`^${name} `, 'm').test(loaded) || builtIn.includes(`/${name}.ko`),
    );
    if (present.length > 0 || tables) return ok(present.join(', ') || 'ip_tables');
    return {
      ...warning(
        'neither nf_tables nor ip_tables is loaded, and a rootless node may not be able to load them',
        fixBy(context, [
          ...writing('/etc/modules-load.d/kinpod.conf', `${TO_LOAD.join('\n')}\n`),
          asRoot('modprobe', '-a', ...TO_LOAD),
        ]),
      ),
      links: ['https://kind.sigs.k8s.io/docs/user/rootless/#networking'],
    };
  },
};
