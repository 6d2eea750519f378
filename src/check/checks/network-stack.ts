import { type Check, type CheckContext, type Finding, failure, ok, warning } from '../check.ts';
import { installing } from '../fixes.ts';
import type { Host } from '../host.ts';

/** Where Podman looks for its helpers (containers.conf(5), helper_binaries_dir). */
const HELPER_DIRECTORIES = [
  '/usr/local/libexec/podman',
  '/usr/local/lib/podman',
  '/usr/libexec/podman',
  '/usr/lib/podman',
];
/** Where Podman looks for CNI plugins (containers.conf(5), cni_plugin_dirs). */
const CNI_DIRECTORIES = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
];
const CNI_PLUGINS = ['bridge', 'portmap', 'firewall', 'host-local'];

export const networkStack: Check = {
  id: 'network-stack',
  title: "Podman's network stack",
  scope: 'run',
  engines: ['podman'],
  look(context) {
    const info = context.podman.info?.host;
    if (info === undefined) return undefined;
    return info.networkBackend === 'cni' ? cni(context) : netavark(context);
  },
};

async function netavark(context: CheckContext): Promise<Finding> {
  const { host, podman } = context;
  const backend = podman.info?.host.networkBackendInfo;
  const [stack, dns] = await Promise.all([
    backend?.path ?? firstOf(host, HELPER_DIRECTORIES, 'netavark'),
    backend?.dns?.path ?? firstOf(host, HELPER_DIRECTORIES, 'aardvark-dns'),
  ]);
  const install = installing(context, ['engine'], 'install netavark and aardvark-dns');
  if (!stack) return failure('netavark is not installed: podman cannot make networks', install);
  if (!dns) return failure('aardvark-dns is not installed: nodes would not find each other by name', install);
  return ok(`${backend?.version ?? 'netavark'} with aardvark-dns`);
}

async function cni({ host }: CheckContext): Promise<Finding> {
  const fix = {
    commands: [],
    text: 'install netavark and aardvark-dns, then `podman system reset` (it removes every container)',
  };
  const found = await Promise.all(CNI_PLUGINS.map((plugin) => firstOf(host, CNI_DIRECTORIES, plugin)));
  const missing = CNI_PLUGINS.filter((_, i) => found[i] === undefined);
  if (missing.length > 0) return failure(`podman uses CNI, and its plugins ${missing.join(', ')} are missing`, fix);
  if ((await firstOf(host, CNI_DIRECTORIES, 'dnsname')) === undefined) {
    return warning('podman uses CNI without the dnsname plugin: nodes do not find each other by name', fix);
  }
  return ok('CNI plugins with dnsname');
}

async function firstOf(host: Host, directories: readonly string[], file: string): Promise<string | undefined> {
  for (const directory of directories) {
    if (await host.exists(`${directory}/${file}`)) return `${directory}/${file}`;
  }
  return undefined;
}
