import { access } from 'node:fs/promises';

/** Those of the paths that exist. */
export async function existing(paths: readonly string[]): Promise<string[]> {
  const there = paths.map((path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  );
  const found = await Promise.all(there);
  return paths.filter((_, i) => found[i]);
}
