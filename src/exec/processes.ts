import { readFile } from 'node:fs/promises';

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

/** Fields 3 and 22 of /proc/PID/stat (proc(5)). */
async function stat(pid: number): Promise<{ state: string; start: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name, which is the second field, can have anything in it, spaces and brackets too.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && { state: fields[0] ?? '', start: fields[19] ?? '' };
}
