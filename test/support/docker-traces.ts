import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/exec/run.ts';

/**
 * What a Docker daemon that has ended leaves in the kernel: its chains, with the rules that lead to them or are about its
 * bridges. Pure: from what iptables-save prints for one table to what iptables-restore --noflush undoes it with.
 * @returns undefined where there is nothing
 */
function undoRules(saved: string): string | undefined {
  const lines = saved.split('\n');
  const table = lines.find((line) => line.startsWith('*'));
  const chains = lines.flatMap((line) => /^:(DOCKER\S*)/.exec(line)?.[1] ?? []);
  const rules = lines.filter((line) => /^-A (?!DOCKER)/.test(line) && /DOCKER|docker0| br-[0-9a-f]{12}/.test(line));
  if (chains.length + rules.length === 0) return undefined;
  const undo = [
    ...chains.map((chain) => `-F ${chain}`),
    ...rules.map((rule) => rule.replace('-A', '-D')),
    ...chains.map((chain) => `-X ${chain}`),
  ];
  return [table, ...undo, 'COMMIT', ''].join('\n');
}

/** Take back what a daemon that has ended leaves on the machine: firewall rules, its bridge, empty cgroups. */
export async function removeDaemonTraces(): Promise<void> {
  for (const family of ['iptables', 'ip6tables']) {
    for (const table of ['nat', 'filter', 'raw']) {
      const saved = await run(`${family}-save`, ['-t', table], { allowFailure: true }).catch(() => undefined);
      const input = undoRules(saved?.stdout ?? '');
      if (input !== undefined) await run(`${family}-restore`, ['--noflush'], { input });
    }
  }
  // Bridges of networks too, where the daemon could not remove them itself: their routes would lead the next network astray.
  for (const bridge of (await readdir('/sys/class/net')).filter((name) => /^(docker0|br-[0-9a-f]{12})$/.test(name))) {
    await run('ip', ['link', 'delete', bridge], { allowFailure: true });
  }
  // Only empty ones can be removed, so another's are safe. Of containers that a daemon's end has cut short there are some below.
  for (const parent of ['', ...(await readdir('/sys/fs/cgroup').catch(() => []))]) {
    const cgroup = join('/sys/fs/cgroup', parent, 'docker');
    if (existsSync(cgroup)) await run('find', [cgroup, '-depth', '-type', 'd', '-delete'], { allowFailure: true });
  }
}
