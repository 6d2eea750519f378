import { packTar, type TarEntry } from 'modern-tar';
import type { NodeFile } from './node-file.ts';

/** Files as one tar archive for unpacking at `/` of a node. All belong to root. Directories that are missing are made by unpacking. */
export async function archiveOf(files: readonly NodeFile[]): Promise<Uint8Array> {
  const entries: TarEntry[] = files.map((file) => {
    const name = file.path.replace(/^\//, '');
    if ('linkTo' in file) return { header: { name, size: 0, type: 'symlink', linkname: file.linkTo } };
    const body = new TextEncoder().encode(file.content);
    return { header: { name, size: body.length, type: 'file', mode: file.mode ?? 0o644 }, body };
  });
  return packTar(entries);
}
