import { dirname } from 'node:path';
import type { FileSystemFacts, Host } from './host.ts';

/** `3.4 GiB`. */
export function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** Of the file system that a path lies on, or will lie on when it is made. */
export async function statfsUpwards(host: Host, path: string): Promise<FileSystemFacts | undefined> {
  for (let at = path; ; at = dirname(at)) {
    const found = await host.statfs(at);
    if (found !== undefined || at === dirname(at)) return found;
  }
}
