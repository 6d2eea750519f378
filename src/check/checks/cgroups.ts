import { type Check, type CheckContext, type Finding, failure, ok, warning } from '../check.ts';
import { asRoot } from '../fix.ts';
import { advice, fixBy } from '../fixes.ts';
import { words } from '../host-facts.ts';
import { MOUNT_HUGETLB } from '../repair.ts';
import { isWsl } from '../wsl.ts';

/** Controllers without which kubelet does not start on v1 (validateSystemRequirements, cm/container_manager_linux.go), and pids. */
const NEEDED_V1 = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids'];

const TO_V2 = 'boot with the kernel parameter systemd.unified_cgroup_hierarchy=1';
/** WSL takes kernel parameters from a file in the user's Windows directory (learn.microsoft.com/windows/wsl/wsl-config). */
const TO_V2_ON_WSL =
  'write "[wsl2]" and "kernelCommandLine = cgroup_no_v1=all" into %UserProfile%\\.wslconfig of Windows, then `wsl --shutdown`';
const LINK = 'https://kubernetes.io/docs/concepts/architecture/cgroups/';

export const cgroups: Check = {
  id: 'cgroups',
  title: 'Control groups',
  scope: 'run',
  async look(context) {
    const { facts, rootless, host } = context;
    if (facts.cgroup === 'v2') return ok('cgroup v2');
    if (rootless) {
      const reason = `cgroup ${facts.cgroup}: rootless nodes need cgroup v2`;
      const toV2 = (await isWsl(host)) ? TO_V2_ON_WSL : TO_V2;
      return { ...failure(reason, advice(`${toV2}, or run kinpod as root`)), links: [LINK] };
    }
    const refusal = facts.cgroup === 'hybrid' ? await hybridRefusal(context) : undefined;
    if (refusal) return refusal;
    const mounted = (await host.readFile('/proc/self/cgroup')) ?? '';
    const controllers = mounted.split('\n').flatMap((line) => (line.split(':')[1] ?? '').split(','));
    const missing = NEEDED_V1.filter((name) => !controllers.includes(name));
    if (missing.length > 0) {
      return failure(`cgroup ${facts.cgroup} without ${missing.join(', ')}: kubelet does not start`, advice(TO_V2));
    }
    const reason = `cgroup ${facts.cgroup}: works, kinpod sets failCgroupV1: false for kubelet 1.35 and newer; Kubernetes ends its support`;
    return { ...warning(reason, advice(`${TO_V2}, where the machine is yours to boot`)), links: [LINK] };
  },
};

/**
 * crun starts nothing while any controller lies on the v2 side of a hybrid host (libcrun/cgroup.c: "cgroups in hybrid mode
 * not supported, drop all controllers from cgroupv2"); runc does not mind. Seen on kernels that have hugetlb and an
 * init that does not mount it.
 */
async function hybridRefusal(context: CheckContext): Promise<Finding | undefined> {
  const { podman, docker } = context;
  if ((podman.info?.host.ociRuntime?.name ?? docker.info?.DefaultRuntime) === 'runc') return undefined;
  const controllers = words(await context.host.readFile('/sys/fs/cgroup/unified/cgroup.controllers'));
  if (controllers.length === 0) return undefined;
  const reason = `hybrid cgroups with ${controllers.join(', ')} on the v2 side: crun refuses to start containers`;
  if (controllers.some((name) => name !== 'hugetlb')) {
    return failure(reason, advice(`${TO_V2}, or mount these controllers on v1, or use runc`));
  }
  return failure(
    reason,
    fixBy(
      context,
      MOUNT_HUGETLB.map((argv) => asRoot(...argv)),
    ),
  );
}
