import { type CheckResult, type Finding, failure, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import { ENOUGH_INOTIFY_INSTANCES, ENOUGH_INOTIFY_WATCHES } from '../repair.ts';
import { gibibytes } from '../sizes.ts';

/** What a Pod found out about the node of the outer cluster that it was on (images/nested/check.sh). */
export interface NodeFacts {
  node: string;
  cgroup: 'v1' | 'hybrid' | 'v2';
  kernel: string;
  inotifyInstances: number;
  inotifyWatches: number;
  memoryBytes: number;
  /** By name, whether it is there: `vxlan`, `overlay`, `veth`, `nat`, `fuse`, `own_cgroups`. */
  has: Readonly<Record<string, boolean>>;
}

export function parseNodeFacts(node: string, text: string): NodeFacts {
  const lines = text.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name === '' ? [] : [[name, value] as const];
  });
  const facts = Object.fromEntries(lines);
  const has = lines
    .filter(([, value]) => value === 'yes' || value === 'no')
    .map(([name, value]) => [name, value === 'yes']);
  return {
    node,
    cgroup: facts.cgroup === 'v1' || facts.cgroup === 'hybrid' ? facts.cgroup : 'v2',
    kernel: facts.kernel ?? '',
    inotifyInstances: Number(facts.inotify_instances ?? 0),
    inotifyWatches: Number(facts.inotify_watches ?? 0),
    memoryBytes: Number(facts.memory_kib ?? 0) * 1024,
    has: Object.fromEntries(has),
  };
}

/** One node with its system pods takes about 0.4 GB; what runs in it comes on top. */
const COMFORTABLE_BYTES = 1.5 * 1024 ** 3;

/** What a node as a Pod cannot do without, and why. */
const NEEDED: readonly { id: string; title: string; fact: string; without: string; fix: string }[] = [
  {
    id: 'outer-vxlan',
    title: 'VXLAN',
    fact: 'vxlan',
    without: 'the kernel has no VXLAN, by which nodes that are Pods reach each other',
    fix: 'sudo modprobe vxlan   (on that node; where there is no such module, a kernel with CONFIG_VXLAN)',
  },
  {
    id: 'outer-overlay',
    title: 'Overlay file system',
    fact: 'overlay',
    without: 'the kernel does not let Pods mount overlay file systems, of which containers in nodes are made',
    fix: 'sudo modprobe overlay   (on that node)',
  },
  {
    id: 'outer-network',
    title: 'Network devices',
    fact: 'veth',
    without: 'privileged Pods cannot make network devices, so pods in nodes would have none',
    fix: 'use nodes whose runtime gives privileged containers all of the kernel (not gVisor)',
  },
  {
    id: 'outer-nat',
    title: 'iptables',
    fact: 'nat',
    without: 'neither nftables nor the older iptables translate addresses in Pods, so Services would not work',
    fix: 'sudo modprobe -a nf_tables iptable_nat   (on that node)',
  },
];

type Result = Omit<CheckResult, 'scope'>;

/** What the facts of all nodes that were looked at mean for nodes as Pods. */
export function judgeNodes(nodes: readonly NodeFacts[]): Result[] {
  if (nodes.length === 0) return [];
  const where = (some: readonly NodeFacts[]) => some.map((one) => one.node).join(', ');
  const result = (id: string, title: string, finding: Finding): Result => ({ id, title, ...finding });
  return [
    result('outer-cgroups', 'cgroups', cgroups(nodes, where)),
    ...NEEDED.map(({ id, title, fact, without, fix }) => {
      const lacking = nodes.filter(({ has }) => !has[fact]);
      if (lacking.length === 0) return result(id, title, ok('there'));
      return result(id, title, failure(`${where(lacking)}: ${without}`, advice(fix)));
    }),
    result('outer-inotify', 'inotify limits', inotify(nodes, where)),
    result('outer-memory', 'Memory', memory(nodes)),
    result('outer-fuse', '/dev/fuse', fuse(nodes, where)),
  ];
}

type Where = (some: readonly NodeFacts[]) => string;

function cgroups(nodes: readonly NodeFacts[], where: Where): Finding {
  const lacking = nodes.filter(({ has }) => !has.own_cgroups);
  if (lacking.length > 0) {
    return failure(
      `${where(lacking)}: a privileged Pod cannot mount cgroups of its own, without which the inner kubelet would meddle with the outer one’s`,
      advice('use nodes whose runtime gives privileged containers all of the kernel (not gVisor)'),
    );
  }
  return ok([...new Set(nodes.map(({ cgroup }) => cgroup))].join(' and '));
}

function inotify(nodes: readonly NodeFacts[], where: Where): Finding {
  const low = nodes.filter(
    (one) => one.inotifyInstances < ENOUGH_INOTIFY_INSTANCES || one.inotifyWatches < ENOUGH_INOTIFY_WATCHES,
  );
  if (low.length === 0)
    return ok(`${ENOUGH_INOTIFY_INSTANCES} instances and ${ENOUGH_INOTIFY_WATCHES} watches, or more`);
  return warning(
    `${where(low)}: ${low[0]?.inotifyInstances} instances, ${low[0]?.inotifyWatches} watches: several nodes use them up ("too many open files")`,
    advice(
      `sudo sysctl -w fs.inotify.max_user_instances=${ENOUGH_INOTIFY_INSTANCES} fs.inotify.max_user_watches=${ENOUGH_INOTIFY_WATCHES}   (on that node)`,
    ),
  );
}

function memory(nodes: readonly NodeFacts[]): Finding {
  const list = nodes.map(({ node, memoryBytes }) => `${node}: ${gibibytes(memoryBytes)}`).join(', ');
  if (nodes.some(({ memoryBytes }) => memoryBytes >= COMFORTABLE_BYTES)) return ok(`available on ${list}`);
  return warning(
    `available on ${list}: little for a node with pods`,
    advice('add nodes to that cluster, or end what is not needed'),
  );
}

function fuse(nodes: readonly NodeFacts[], where: Where): Finding {
  const lacking = nodes.filter(({ has }) => !has.fuse);
  if (lacking.length === 0) return ok('there');
  return warning(
    `${where(lacking)}: missing; nodes do without, but containers in them that want it (fuse-overlayfs) do not`,
    advice('sudo modprobe fuse   (on that node)'),
  );
}
