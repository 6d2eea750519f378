import { readdir, readFile } from 'node:fs/promises';

/** A process of this machine that cannot be taken for another: its ID comes again, with the time at which it began it does not. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot; empty where there is no /proc. */
  start: string;
}

/** @param pid default: this process */
export async function processIdentity(pid: number = process.pid): Promise<ProcessIdentity> {
  return { pid, start: (await stat(pid))?.start ?? '' };
}

/** Whether that very process runs. Where its start is not known, its ID has to do. */
export async function isRunning({ pid, start }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (start === '') return true;
  const now = await stat(pid);
  // Where nobody reaps it, a process that has ended stays in the list.
  return now?.start === start && now.state !== 'Z';
}

/** The processes of a group, with their command lines, arguments separated by spaces; none where there is no /proc. */
export async function processesInGroup(group: number): Promise<{ pid: number; command: string }[]> {
  const names = await readdir('/proc').catch(() => []);
  const all = names
    .filter((name) => /^\d+$/.test(name))
    .map(async (name) => {
      const pid = Number(name);
      if ((await stat(pid))?.group !== group) return [];
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return [{ pid, command: command.replaceAll('\0', ' ').trim() }];
    });
  return (await Promise.all(all)).flat();
}

/** Fields 3, 5 and 22 of /proc/PID/stat (proc(5)). */
async function stat(pid: number): Promise<{ state: string; group: number; start: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name, which is the second field, can have anything in it, spaces and brackets too.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && { state: fields[0] ?? '', group: Number(fields[2]), start: fields[19] ?? '' };
}
