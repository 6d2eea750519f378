import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parsePackageList } from '../../src/image/build/debian.ts';
import { runGroup } from '../../src/image/build/run-group.ts';

/** Debian 13: the first with Podman 5, and its QEMU 10 emulates without faults what bookworm's 7.2 does not (kernel oopses under load). */
export const SUITE = 'trixie';

/** A file of this directory's `machine/`. */
export function machineFile(name: string): string {
  return fileURLToPath(new URL(`machine/${name}`, import.meta.url));
}

/** Names of a list in `machine/`, as mmdebstrap takes them. */
export async function packageList(name: string): Promise<string> {
  return parsePackageList(await readFile(machineFile(name), 'utf8')).join(',');
}

/**
 * Run mmdebstrap with documentation left out.
 * @param temporary directory in which it unpacks
 */
export async function mmdebstrap(
  args: readonly string[],
  temporary: string,
  { env, signal }: { env?: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<void> {
  const excluded = ['doc', 'man', 'locale', 'info'].map((dir) => `--dpkgopt=path-exclude=/usr/share/${dir}/*`);
  await runGroup('mmdebstrap', [...excluded, ...args], { env: { TMPDIR: temporary, ...env }, signal });
}
