import { type Check, type CheckContext, type Finding, ok, warning } from '../check.ts';
import { asRoot } from '../fix.ts';
import { fixBy, writing } from '../fixes.ts';

/** Packet filter of the host's kernel: one of them must be there, and a rootless node cannot load either. */
const PACKET_FILTERS = ['nf_tables', 'ip_tables'];
/** What kind's page on rootless loads, the newer filter, and what network plugins with bridges need. */
const TO_LOAD = ['nf_tables', 'ip_tables', 'iptable_nat', 'ip6_tables', 'ip6table_nat', 'br_netfilter'];

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
    const isThere = (name: string) => new RegExp(`^${name} `, 'm').test(loaded) || builtIn.includes(`/${name}.ko`);
    const present = PACKET_FILTERS.filter(isThere);
    if (present.length === 0 && !tables) {
      return loading(
        context,
        'neither nf_tables nor ip_tables is loaded, and a rootless node may not be able to load them',
      );
    }
    const found = present.join(', ') || 'ip_tables';
    // Nodes use the older filter where the kernel has it. Its part for IPv6 is the one thing that does not load by itself.
    if (!tables || isThere('ip6_tables') || (await host.exists('/proc/net/ip6_tables_names'))) return ok(found);
    return loading(context, `${found}; without ip6_tables, which a node cannot load, there are no clusters with IPv6`);
  },
};

function loading(context: CheckContext, reason: string): Finding {
  const fix = fixBy(context, [
    ...writing('/etc/modules-load.d/kinpod.conf', `${TO_LOAD.join('\n')}\n`),
    asRoot('modprobe', '-a', ...TO_LOAD),
  ]);
  return { ...warning(reason, fix), links: ['https://kind.sigs.k8s.io/docs/user/rootless/#networking'] };
}
