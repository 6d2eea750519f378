import { type Check, type CheckContext, failure, ok } from '../check.ts';
import { asRoot } from '../fix.ts';
import { fixBy } from '../fixes.ts';

/** What a user namespace needs so that images with users up to 65534 (nobody) can be unpacked. */
const ENOUGH = 65_536;
/** Where useradd begins to give out ranges (login.defs, SUB_UID_MIN). */
const FIRST = 100_000;

export const subordinateIds: Check = {
  id: 'subordinate-ids',
  title: 'Subordinate user and group IDs',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, rootless } = context;
    if (!rootless) return undefined;
    // Ranges may come from a directory service instead of the files (nsswitch.conf(5), "subid").
    const source = /^subid:\s*(\S+)/m.exec((await host.readFile('/etc/nsswitch.conf')) ?? '')?.[1];
    if (source !== undefined && source !== 'files') return ok(`from ${source}`);
    const [users, groups] = await Promise.all([ranges(context, '/etc/subuid'), ranges(context, '/etc/subgid')]);
    if (users.mine >= ENOUGH && groups.mine >= ENOUGH) return ok(`${users.mine} users, ${groups.mine} groups`);

    const start = Math.max(FIRST, users.end, groups.end);
    const range = `${start}-${start + ENOUGH - 1}`;
    const missing = [
      ...(users.mine < ENOUGH ? ['--add-subuids', range] : []),
      ...(groups.mine < ENOUGH ? ['--add-subgids', range] : []),
    ];
    const migrate = { argv: ['podman', 'system', 'migrate'], asRoot: false };
    return failure(
      `user ${host.userName} has ${users.mine} subordinate user IDs and ${groups.mine} group IDs, ${ENOUGH} of each are needed`,
      fixBy(context, [asRoot('usermod', ...missing, host.userName), ...(context.podman.path ? [migrate] : [])]),
    );
  },
};

/** How many IDs are this user's, and the first one behind all ranges. */
async function ranges({ host }: CheckContext, path: string): Promise<{ mine: number; end: number }> {
  let mine = 0;
  let end = 0;
  for (const line of ((await host.readFile(path)) ?? '').split('\n')) {
    const [owner = '', start, count] = line.trim().split(':');
    if (count === undefined) continue;
    if (owner === host.userName || owner === String(host.uid)) mine += Number(count);
    end = Math.max(end, Number(start) + Number(count));
  }
  return { mine, end };
}
