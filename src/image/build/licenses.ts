import { copyFile, cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands beside the source of a Go module. Nothing is made where there is none. */
export async function copyModuleLicenses(moduleDir: string, into: string): Promise<void> {
  const names = (await readdir(moduleDir, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|notice|patents)/i.test(entry.name))
    .map((entry) => entry.name);
  if (names.length === 0) return;
  await mkdir(into, { recursive: true });
  for (const name of names) await copyFile(join(moduleDir, name), join(into, name));
}

/** @param tree of Debian packages; of each that has one, the file `copyright` */
export async function copyDebianLicenses(tree: string, into: string): Promise<void> {
  const docs = join(tree, 'usr', 'share', 'doc');
  for (const name of await readdir(docs)) {
    await mkdir(join(into, name), { recursive: true });
    // A package that comes from the same source as another may have a link to its directory.
    await copyFile(join(docs, name, 'copyright'), join(into, name, 'copyright')).catch(() => {});
  }
}

/** @param tree a release or a checkout of Kubernetes: LICENSES has those of all that it is made of */
export async function copyTreeLicenses(tree: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  for (const entry of await readdir(tree, { withFileTypes: true })) {
    if (entry.name === 'LICENSE' && entry.isFile()) await copyFile(join(tree, entry.name), join(into, entry.name));
    if (entry.name === 'LICENSES' && entry.isDirectory()) await cp(join(tree, entry.name), into, { recursive: true });
  }
}
