import type { HostAllowances, NodeAllowances } from '../provider.ts';
import type { EngineFacts } from './engine.ts';

/** Docker 20.10 and newer: the first with `--cgroupns` and `{{.State}}` in lists. */
export const docker: EngineFacts = {
  name: 'docker',
  command: 'docker',
  daemonless: false,
  hostNameField: '{{.Name}}',
  networkVariable: 'EXPERIMENTAL_DOCKER_NETWORK',
  subnets: { from: 153, to: 216 },
  fixedAddress: 'explicit subnet',
  listFormat: '{{json .}}',
  labelFormat: (label) => `{{.Label "${label}"}}`,
  publishAnyPort: '0',
  publishOnAnyIPv6: '[::]:',
  // By its userland proxy.
  forwardsFromIPv6Loopback: true,
  answersDnsByIPv6: false,
  // Docker sets no limit by itself, and of open files and processes a node has as many as the daemon.
  unlimitedPids: [],
  limits: () => [],
  privileges,
  // All come back with the daemon. Their first process is their own, also where the daemon is set to add one.
  machineFlags: ['--restart=on-failure:1', '--init=false'],
  // A daemon that is ended ends them first, and what then ends well (HAProxy does) is no failure.
  programFlags: ['--restart=unless-stopped', '--init=false'],
  execPrivileges: [],
  removeAtOnce: [],
  reads: 'Docker archives',
  storageField: '{{.DockerRootDir}}',
  ask: { args: ['info', '--format', '{{json .}}'], read: allowancesOfDaemon },
};

/** kind's flags for Docker. */
function privileges(allowed: NodeAllowances): string[] {
  return [
    ...(allowed.allCapabilities ? ['--privileged'] : nearlyPrivileged(allowed)),
    '--security-opt=seccomp=unconfined',
    '--security-opt=apparmor=unconfined',
    // Rootless, a privileged container does not get the host's devices.
    ...(allowed.userNamespace && allowed.devices.includes('/dev/fuse') ? ['--device=/dev/fuse'] : []),
    ...(allowed.remapped ? ['--userns=host'] : []),
    ...(allowed.deviceMapper ? ['--volume=/dev/mapper:/dev/mapper'] : []),
  ];
}

/**
 * Docker asks the kernel for every capability that there is for a privileged container, and where the host lacks
 * CAP_SYS_RESOURCE that ends in "unable to apply caps: operation not permitted". This is a privileged container without it.
 * What Docker mounts read-only in a container that is not privileged, images/node/entry/enter.sh makes writable.
 */
function nearlyPrivileged({ devices }: NodeAllowances): string[] {
  return [
    '--cap-add=ALL',
    '--cap-drop=SYS_RESOURCE',
    '--security-opt=systempaths=unconfined',
    '--device-cgroup-rule=a *:* rwm',
    ...devices.map((device) => `--device=${device}`),
  ];
}

/** The part of `docker info` that decides how nodes are made. */
interface DockerInfo {
  /** `name=seccomp,profile=default`, `name=rootless`, `name=userns`, … */
  SecurityOptions?: string[] | null;
  /** `1` or `2`. */
  CgroupVersion?: string;
  Driver?: string;
  DriverStatus?: [string, string][] | null;
}

/** Storage of which containers' block devices show only under /dev/mapper (kind, pkg/cluster/internal/providers/docker/util.go). */
const MAPPED_STORAGE = ['btrfs', 'zfs', 'xfs', 'devicemapper'];

/** What nodes may do is a matter of the daemon, not of who asks it: a user of the group docker is not root, the daemon is. */
export function allowancesOfDaemon(answer: string, host: HostAllowances): NodeAllowances {
  const info = JSON.parse(answer) as DockerInfo;
  const options = (info.SecurityOptions ?? []).map((option) => /(?:^|,)name=([^,]*)/.exec(option)?.[1]);
  const rootless = options.includes('rootless');
  const userNamespace = rootless || host.inUserNamespace;
  const backing = (info.DriverStatus ?? []).find(([name]) => name === 'Backing Filesystem')?.[1] ?? '';
  const v2 = info.CgroupVersion === undefined ? host.cgroup === 'v2' : info.CgroupVersion === '2';
  return {
    ...host,
    userNamespace,
    remapped: options.includes('userns'),
    capSysResource: host.boundSysResource && !userNamespace,
    // The daemon's own, which differs from this process', is not passed on.
    oomScoreAdj: 0,
    // A user namespace of its own has all of them, in it.
    allCapabilities: host.boundSysResource || rootless,
    cgroup: v2 ? 'v2' : host.cgroup === 'v2' ? 'v1' : host.cgroup,
    deviceMapper: [info.Driver ?? '', backing].some((name) => MAPPED_STORAGE.includes(name.toLowerCase())),
  };
}
