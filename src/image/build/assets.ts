import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Directories that an image is made from. Others under images/node are not: kinpod gives them to nodes when it makes them. */
const PARTS = ['build', 'kube-proxy', 'modules', 'packages', 'programs', 'rootfs', 'runtimes'] as const;
export type Part = (typeof PARTS)[number];

/** kinpod's own files that go into an image. */
export class BuildAssets {
  readonly #root: string;

  /** @param assetsDir directory that holds images/ */
  constructor(assetsDir: string, image: 'node' | 'pod' = 'node') {
    this.#root = join(assetsDir, 'images', image);
  }

  path(part: Part, ...names: string[]): string {
    return join(this.#root, part, ...names);
  }

  /** Paths of all files of a part, or of a directory in it, relative to that, in a stable order. */
  async files(part: Part, ...names: string[]): Promise<string[]> {
    const dir = this.path(part, ...names);
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
      .sort();
  }

  /** A digest of a part, or of a directory in it: names and contents. */
  async digest(part: Part, ...names: string[]): Promise<string> {
    const hash = createHash('sha256');
    for (const name of await this.files(part, ...names)) {
      hash
        .update(`${part}/${name}\0`)
        .update(await readFile(this.path(part, ...names, name)))
        .update('\0');
    }
    return hash.digest('hex');
  }
}
