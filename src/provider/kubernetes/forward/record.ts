import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runtimeDir } from '../../../exec/directories.ts';
import { isRunning, type ProcessIdentity, processesInGroup } from '../../../exec/processes.ts';

/** A process of this user that forwards a port of this host to a cluster. */
export interface Forwarder extends ProcessIdentity {
  /** On 127.0.0.1. */
  port: number;
}

/** Files about the forwarder of one cluster. Of a cluster that is made anew under the same name they are others. */
export interface ForwarderFiles {
  record: string;
  lock: string;
  log: string;
}

/** @param id of the cluster's Service in the outer cluster: its UID */
export function forwarderFiles(id: string, env: NodeJS.ProcessEnv): ForwarderFiles {
  const base = join(runtimeDir(env), 'forward', id);
  return { record: `${base}.json`, lock: `${base}.lock`, log: `${base}.log` };
}

/** The forwarder that runs. */
export async function findForwarder(files: ForwarderFiles): Promise<Forwarder | undefined> {
  const found = await read(files.record);
  return found && (await isRunning(found)) ? found : undefined;
}

/**
 * A forwarder that was killed has left its kubectl, which does not notice that nobody is there any more. They were of one group, of
 * the forwarder's number: no other process gets that while one of them lives.
 */
export async function endOrphans(files: ForwarderFiles): Promise<void> {
  const dead = await read(files.record);
  if (!dead || (await isRunning(dead))) return;
  for (const { pid, command } of await processesInGroup(dead.pid)) {
    if (!command.includes(' port-forward ')) continue;
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has just ended.
    }
  }
}

/** The file appears whole. */
export async function recordForwarder(files: ForwarderFiles, forwarder: Forwarder): Promise<void> {
  await mkdir(dirname(files.record), { recursive: true, mode: 0o700 });
  const partial = `${files.record}.${forwarder.pid}`;
  await writeFile(partial, JSON.stringify(forwarder), { mode: 0o600 });
  await rename(partial, files.record);
}

/** Remove the record of a forwarder that ends, unless another has taken its place. */
export async function forgetForwarder(files: ForwarderFiles, { pid }: ProcessIdentity): Promise<void> {
  if ((await read(files.record))?.pid === pid) await rm(files.record, { force: true });
}

async function read(path: string): Promise<Forwarder | undefined> {
  try {
    const { pid, start, port } = JSON.parse(await readFile(path, 'utf8')) as Partial<Forwarder>;
    return pid !== undefined && start !== undefined && port !== undefined ? { pid, start, port } : undefined;
  } catch {
    return undefined;
  }
}
