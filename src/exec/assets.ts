import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The directory that holds `images/`: the root of the package, whether this code runs from src/, from the bundle in dist/
 * or from an installed package.
 */
export function assetsDir(from: string = fileURLToPath(import.meta.url)): string {
  let dir = dirname(from);
  while (!existsSync(join(dir, 'images', 'node'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error(`kinpod's own files (images/) are missing beside ${from}`);
    dir = parent;
  }
  return dir;
}
