import { messageOf } from '../errors/kinpod-error.ts';
import type { Host } from './host.ts';
import { cheapFacts, type HostFacts, INOTIFY_INSTANCES } from './host-facts.ts';

export interface Repair {
  /** The facts after the repair. */
  facts: HostFacts;
  /** What was changed, one line each, in the past tense: `raised fs.inotify.max_user_instances from 128 to 512`. */
  done: string[];
  /** What could not be changed, and why. Never a reason to stop: the cluster may well work without. */
  warnings: string[];
}

/** What kind's page of known issues asks for ("Pod errors due to too many open files"). */
export const ENOUGH_INOTIFY_INSTANCES = 512;
export const ENOUGH_INOTIFY_WATCHES = 524_288;

/** Commands that put the hugetlb controller on the v1 side of a hybrid host; the memory hierarchy is left alone. */
export const MOUNT_HUGETLB: readonly string[][] = [
  ['mkdir', '-p', '/sys/fs/cgroup/hugetlb'],
  ['mount', '-t', 'cgroup', '-o', 'hugetlb', 'cgroup', '/sys/fs/cgroup/hugetlb'],
];

/**
 * What `create cluster` mends by itself, as root only and where it harms nobody: too few inotify instances, and a hugetlb
 * controller that keeps crun from starting anything. Costs nothing where there is nothing to mend.
 */
export async function repairCheaply(facts: HostFacts, host: Host): Promise<Repair> {
  const done: string[] = [];
  const warnings: string[] = [];
  if (host.platform !== 'linux' || facts.uid !== 0 || facts.inUserNamespace) return { facts, done, warnings };

  if (facts.inotifyInstances < ENOUGH_INOTIFY_INSTANCES) {
    try {
      await host.writeFile(INOTIFY_INSTANCES, `${ENOUGH_INOTIFY_INSTANCES}\n`);
      done.push(
        `raised fs.inotify.max_user_instances from ${facts.inotifyInstances} to ${ENOUGH_INOTIFY_INSTANCES} until the next boot`,
      );
    } catch (error) {
      warnings.push(`could not raise fs.inotify.max_user_instances: ${messageOf(error)}`);
    }
  }
  const refusal = facts.hugetlbNeedsMount ? await mountHugetlb(host) : undefined;
  if (done.length === 0 && !facts.hugetlbNeedsMount) return { facts, done, warnings };

  const now = await cheapFacts(host);
  if (facts.hugetlbNeedsMount) {
    // Looked at afterwards: where two kinpods mount at once, one mount fails and all is well.
    if (now.hugetlbNeedsMount) {
      warnings.push(
        `could not mount the hugetlb cgroup that crun needs on the v1 side: ${refusal ?? 'it had no effect'}`,
      );
    } else {
      done.push('mounted the hugetlb cgroup on the v1 side, where crun needs it');
    }
  }
  return { facts: now, done, warnings };
}

/** @returns what the failing command said */
async function mountHugetlb(host: Host): Promise<string | undefined> {
  for (const [command, ...args] of MOUNT_HUGETLB) {
    const result = await host.run(command as string, args);
    if (result.exitCode !== 0) return result.stderr.trim() || `${command} ended with exit code ${result.exitCode}`;
  }
  return undefined;
}
