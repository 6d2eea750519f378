import type { Host } from './host.ts';

/** What `create cluster` must know of the host before it plans: all from /proc and /sys, no child process. */
export interface HostFacts {
  /** `hybrid`: controllers on v1, beside them an own cgroup2 mount at /sys/fs/cgroup/unified. */
  cgroup: 'v1' | 'hybrid' | 'v2';
  /** The hugetlb controller lies on the v2 side of a hybrid host, where crun then refuses to start anything. */
  hugetlbNeedsMount: boolean;
  /** CAP_SYS_RESOURCE in the machine's own user namespace: lowering oom_score_adj and raising hard limits are allowed. */
  capSysResource: boolean;
  /** CAP_SYS_RESOURCE in the bounding set: root can have it here, even though this process may not. */
  boundSysResource: boolean;
  /** This process' oom_score_adj, which containers begin with; below it goes nobody without CAP_SYS_RESOURCE. */
  oomScoreAdj: number;
  /** Hard limit of open files. */
  nofileHard: number;
  /** What a container may get as its limit of processes: the hard limit, or kernel.pid_max where that is lower. */
  nprocHard: number | 'unlimited';
  /** /lib/modules exists and can be mounted into nodes. */
  modulesDir: boolean;
  /** Of the devices that nodes use, those that exist. */
  devices: readonly string[];
  /** This process runs in a user namespace. A rootless Podman makes one for its containers also where this is false. */
  inUserNamespace: boolean;
  /** fs.inotify.max_user_instances. */
  inotifyInstances: number;
  /** fs.inotify.max_user_watches. */
  inotifyWatches: number;
  /** Effective user ID; other than 0 means a rootless engine. */
  uid: number;
  /** Swap is in use. */
  swap: boolean;
}

export const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
const INOTIFY_WATCHES = '/proc/sys/fs/inotify/max_user_watches';

/** The kernel's log, which the kubelet reads, and what storage without the kernel's overlayfs needs. */
const NODE_DEVICES = ['/dev/kmsg', '/dev/fuse'];

/** CGROUP2_SUPER_MAGIC of linux/magic.h. */
const CGROUP2 = 0x63677270;
/** Bit of CAP_SYS_RESOURCE in linux/capability.h. */
const CAP_SYS_RESOURCE = 24n;
/** The kernel's default of fs.nr_open, above which no limit of open files can be. */
const NR_OPEN = 1_048_576;

/**
 * Facts of a machine whose kernel is not this one's (macOS, Windows: the engine has a virtual machine of its own), or
 * that cannot be read: a current distribution with nothing to adapt to.
 */
const ORDINARY: Omit<HostFacts, 'uid'> = {
  cgroup: 'v2',
  hugetlbNeedsMount: false,
  capSysResource: true,
  boundSysResource: true,
  oomScoreAdj: 0,
  nofileHard: NR_OPEN,
  nprocHard: 'unlimited',
  modulesDir: true,
  devices: NODE_DEVICES,
  inUserNamespace: false,
  inotifyInstances: 8192,
  inotifyWatches: 524_288,
  swap: false,
};

/** Read the facts, some 15 small files, in a few milliseconds. Never throws. */
export async function cheapFacts(host: Host): Promise<HostFacts> {
  if (host.platform !== 'linux') return { ...ORDINARY, uid: host.uid };
  const [cgroup, status, oomScoreAdj, limits, pidMax, uidMap, modulesDir, instances, watches, swaps, devices] =
    await Promise.all([
      cgroupFacts(host),
      host.readFile('/proc/self/status'),
      host.readFile('/proc/self/oom_score_adj'),
      host.readFile('/proc/self/limits'),
      host.readFile('/proc/sys/kernel/pid_max'),
      host.readFile('/proc/self/uid_map'),
      host.exists('/lib/modules'),
      host.readFile(INOTIFY_INSTANCES),
      host.readFile(INOTIFY_WATCHES),
      host.readFile('/proc/swaps'),
      existing(host, NODE_DEVICES),
    ]);
  const inUserNamespace = isUserNamespace(uidMap);
  const nofile = hardLimit(limits, 'Max open files');
  return {
    ...cgroup,
    // The kernel asks for the capability in the first user namespace (capable() in __set_oom_adj, fs/proc/base.c):
    // what a user namespace's root has in its own set does not count.
    capSysResource: hasCapability(status, 'CapEff', CAP_SYS_RESOURCE) && !inUserNamespace,
    boundSysResource: hasCapability(status, 'CapBnd', CAP_SYS_RESOURCE),
    oomScoreAdj: Number(oomScoreAdj ?? 0),
    nofileHard: nofile === 'unlimited' ? NR_OPEN : nofile,
    nprocHard: processLimit(hardLimit(limits, 'Max processes'), pidMax),
    modulesDir,
    devices,
    inUserNamespace,
    inotifyInstances: count(instances, ORDINARY.inotifyInstances),
    inotifyWatches: count(watches, ORDINARY.inotifyWatches),
    uid: host.uid,
    swap: (swaps ?? '').trim().split('\n').length > 1,
  };
}

async function cgroupFacts(host: Host): Promise<Pick<HostFacts, 'cgroup' | 'hugetlbNeedsMount'>> {
  const [root, unified, controllers] = await Promise.all([
    host.statfs('/sys/fs/cgroup'),
    host.statfs('/sys/fs/cgroup/unified'),
    host.readFile('/sys/fs/cgroup/unified/cgroup.controllers'),
  ]);
  if (root?.type === CGROUP2) return { cgroup: 'v2', hugetlbNeedsMount: false };
  if (unified?.type !== CGROUP2) return { cgroup: 'v1', hugetlbNeedsMount: false };
  return { cgroup: 'hybrid', hugetlbNeedsMount: words(controllers).includes('hugetlb') };
}

/** The words of a one-line file such as cgroup.controllers. */
export function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/** True unless /proc/self/uid_map is the identity of the whole range, which only the first user namespace has. */
function isUserNamespace(uidMap: string | undefined): boolean {
  return uidMap !== undefined && words(uidMap).join(' ') !== '0 0 4294967295';
}

function hasCapability(status: string | undefined, set: 'CapEff' | 'CapBnd', bit: bigint): boolean {
  const mask = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status ?? '')?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> bit) & 1n) === 1n;
}

async function existing(host: Host, paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(paths.map((path) => host.exists(path)));
  return paths.filter((_, i) => there[i]);
}

/** The second column of /proc/self/limits. */
function hardLimit(limits: string | undefined, name: string): number | 'unlimited' {
  const line = (limits ?? '').split('\n').find((l) => l.startsWith(name));
  const hard = words(line?.slice(name.length))[1];
  return hard === undefined || hard === 'unlimited' ? 'unlimited' : Number(hard);
}

/**
 * Podman 4 lowers its own hard limit to kernel.pid_max (containers/common, getDefaultProcessLimits), above which its
 * runtime then cannot go: "setrlimit `RLIMIT_NPROC`: Operation not permitted".
 */
function processLimit(hard: number | 'unlimited', pidMax: string | undefined): number | 'unlimited' {
  const most = Number.parseInt(pidMax ?? '', 10);
  if (Number.isNaN(most)) return hard;
  return hard === 'unlimited' ? most : Math.min(hard, most);
}

function count(text: string | undefined, otherwise: number): number {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? otherwise : value;
}
