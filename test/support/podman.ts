import { type RunOptions, run } from '../../src/exec/run.ts';
import { archiveOf } from '../../src/node/archive.ts';
import type { NodeFile } from '../../src/node/node-file.ts';

/** What tests make begins with this. Other tests and people may use the same machine. */
export const PREFIX = 'kpt-e2e-';

/** Output of a podman command. The tests ask the engine itself, never the program under test. */
export async function podman(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return (await run('podman', args, { timeoutMs: 120_000, ...options })).stdout;
}

/** The same, by line. */
export async function podmanLines(...args: string[]): Promise<string[]> {
  return (await podman(args)).split('\n').filter(Boolean);
}

/** Remove every container, volume and image that tests have made, without kinpod's help. */
export async function removeTestObjects(prefix: string = PREFIX): Promise<void> {
  const containers = (await podmanLines('ps', '--all', '--format', '{{.Names}}')).filter((n) => n.startsWith(prefix));
  if (containers.length > 0) await podman(['rm', '--force', '--volumes', '--time', '0', ...containers]);
  const volumes = (await listVolumes()).filter((volume) => isOf(prefix, volume)).map((volume) => volume.name);
  if (volumes.length > 0) await podman(['volume', 'rm', '--force', ...volumes]);
  const images = (await podmanLines('images', '--format', '{{.Repository}}:{{.Tag}}')).filter((n) =>
    n.startsWith(`localhost/${prefix}`),
  );
  // Only the names where the images have others too.
  if (images.length > 0) await podman(['rmi', ...images]);
}

export interface Volume {
  name: string;
  /** Keys of its labels. */
  labels: string[];
}

/** @param args `--filter=…` */
async function listVolumes(...args: string[]): Promise<Volume[]> {
  const volumes = JSON.parse((await podman(['volume', 'ls', '--format=json', ...args])) || '[]');
  return (volumes as { Name: string; Labels?: object }[]).map((one) => ({
    name: one.Name,
    labels: Object.keys(one.Labels ?? {}),
  }));
}

/** kind makes its nodes' volumes without names and labels them with those of the nodes; they do not go with the containers. */
function isOf(prefix: string, { name, labels }: Volume): boolean {
  return [name, ...labels].some((text) => text.startsWith(prefix));
}

/** Volumes that no container has, of tests or of nobody who could be told. */
export async function strayVolumes(): Promise<Volume[]> {
  const stray = await listVolumes('--filter=dangling=true');
  return stray.filter(
    (volume) => isOf(PREFIX, volume) || (/^[0-9a-f]{64}$/.test(volume.name) && !volume.labels.length),
  );
}

/** A copy of an image with other files in it; `removeTestObjects` removes it. */
export async function changedImage(name: string, from: string, files: readonly NodeFile[]): Promise<string> {
  const container = `${PREFIX}${name}`;
  const image = `localhost/${PREFIX}${name}:1`;
  await podman(['create', '--name', container, '--pull=never', from]);
  try {
    await podman(['cp', '-', `${container}:/`], { input: await archiveOf(files) });
    await podman(['commit', '--quiet', container, image]);
  } finally {
    await podman(['rm', '--force', '--volumes', container]);
  }
  return image;
}

/** An image with these files and nothing else. */
export async function importedImage(name: string, files: readonly NodeFile[]): Promise<string> {
  const image = `localhost/${PREFIX}${name}:1`;
  await podman(['import', '--quiet', '-', image], { input: await archiveOf(files) });
  return image;
}
