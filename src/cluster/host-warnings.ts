import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Host } from '../check/index.ts';
import type { ClusterConfig, Mount } from '../config/types.ts';
import type { Provider } from '../provider/provider.ts';
import { isBelow, mountedAt } from './mounted.ts';

/**
 * What this host keeps a cluster from doing that its configuration asks for, in words. kind says nothing and leaves it at
 * that; a cluster is made all the same.
 */
export async function hostWarnings(config: ClusterConfig, host: Host): Promise<string[]> {
  const mounts = config.nodes.flatMap((n) => n.extraMounts).filter((m) => m.propagation !== 'None');
  const [mountinfo, ipvs] = await Promise.all([
    mounts.length > 0 ? host.readFile('/proc/self/mountinfo') : undefined,
    config.networking.kubeProxyMode === 'ipvs' ? hasIpvs(host) : true,
  ]);
  return [
    ...mounts.flatMap((mount) => propagationProblem(mount, mountinfo ?? '') ?? []),
    ...(ipvs
      ? []
      : [
          'kubeProxyMode ipvs: the kernel has no IPVS (ip_vs), so kube-proxy will not start and Services will not work; use nftables or iptables',
        ]),
  ];
}

/** Where the engine is outside of this container, paths are its machine's, which cannot be seen from here. */
export function mountWarnings(config: ClusterConfig, { outside }: Pick<Provider, 'outside'>): string[] {
  if (!outside) return [];
  const paths = new Set(config.nodes.flatMap((node) => node.extraMounts.map((mount) => mount.hostPath)));
  return [...paths].map((path) => `mount ${path}: a path of the engine's machine, not of this container`);
}

/** Where kind's images have the network plugin that kind installs. */
const DEFAULT_CNI = '/kind/manifests/default-cni.yaml';

/** What is mounted for kind to read, and is not read by kinpod. */
export function unreadMounts({ nodes, networking }: ClusterConfig): string[] {
  if (networking.disableDefaultCNI) return [];
  const hostPaths = nodes
    .filter(({ role }) => role === 'control-plane')
    .flatMap(({ extraMounts }) => mountedAt(extraMounts, DEFAULT_CNI) ?? [])
    .filter((path) => existsSync(path));
  return [...new Set(hostPaths)].map(
    (path) =>
      `mount ${path}: kinpod's network is no manifest, and this one is not applied; set networking.disableDefaultCNI and apply it yourself`,
  );
}

/**
 * Why mounts do not propagate as a configuration says, undefined where they do. What the host mounts below a path appears in a
 * node only where the path lies on a shared mount, or on one that follows a shared one; what a node mounts appears on the host
 * only where it is shared (mount_namespaces(7)).
 * @param mountinfo /proc/self/mountinfo; empty where it cannot be read, which is no problem
 */
export function propagationProblem({ hostPath, propagation }: Mount, mountinfo: string): string | undefined {
  const path = resolve(hostPath);
  const mount = mountinfo
    .split('\n')
    .map(parseMount)
    .filter((m) => m !== undefined && isBelow(path, m.mountPoint))
    // Of mounts on the same place the last one is seen.
    .reduce((best, m) => (m && (!best || m.mountPoint.length >= best.mountPoint.length) ? m : best), undefined);
  if (!mount || mount.shared || (propagation === 'HostToContainer' && mount.follows)) return undefined;
  return `mount ${hostPath}, propagation ${propagation}: ${mount.mountPoint} is a private mount of this host, so later mounts will not propagate; make it a shared one first (mount --make-rshared ${mount.mountPoint})`;
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw` */
function parseMount(line: string) {
  const [before = ''] = line.split(' - ');
  const [, , , , mountPoint, , ...tags] = before.split(' ');
  if (mountPoint === undefined) return undefined;
  return {
    // The kernel writes a space as \040.
    mountPoint: mountPoint.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    shared: tags.some((t) => t.startsWith('shared:')),
    follows: tags.some((t) => t.startsWith('master:')),
  };
}

/** Loaded, built in, or a module that kube-proxy can load. */
async function hasIpvs(host: Host): Promise<boolean> {
  if (host.platform !== 'linux' || (await host.exists('/proc/net/ip_vs'))) return true;
  const release = (await host.readFile('/proc/sys/kernel/osrelease'))?.trim();
  const lists = ['modules.builtin', 'modules.dep'].map((list) => host.readFile(`/lib/modules/${release}/${list}`));
  return (await Promise.all(lists)).some((text) => /\/ip_vs\.ko/.test(text ?? ''));
}
