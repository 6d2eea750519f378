import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where cgroup v1 has its freezer. With v2 nothing is to be done: SIGKILL reaches frozen processes there. */
const FREEZER = '/sys/fs/cgroup/freezer';

/**
 * Let everything in these containers run that is frozen, so that SIGKILL reaches it. runc freezes what it is about to make: a node
 * that is killed in that moment leaves `runc init` behind, which its engine cannot end.
 * @param containers their IDs, which are part of the names of their control groups whatever the engine
 * @param root for tests
 * @returns whether anything was frozen
 */
export async function thaw(containers: readonly string[], root = FREEZER): Promise<boolean> {
  const paths = await readdir(root, { recursive: true }).catch(() => []);
  const states = paths.filter((p) => p.endsWith('/freezer.state') && containers.some((id) => p.includes(id)));
  const thawed = await Promise.all(
    states.map(async (path) => {
      try {
        if ((await readFile(join(root, path), 'utf8')).trim() === 'THAWED') return false;
        await writeFile(join(root, path), 'THAWED');
        return true;
      } catch {
        return false; // It is going away, or not ours to change: the engine then says what it cannot do.
      }
    }),
  );
  return thawed.includes(true);
}
