import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError, run } from '../../exec/run.ts';
import { fullName, isId, meantName } from './reference.ts';
import type { WantedImage } from './wanted.ts';

/** An engine's images, as data: where engines differ when images are taken out of them. */
export interface ImageStore {
  name: string;
  command: string;
  /** Arguments that write images to stdout as one archive, keeping their IDs. */
  saveArgs(references: readonly string[]): string[];
}

/** Stores in the order in which they are looked into when the provider has none of its own. */
export const IMAGE_STORES: readonly ImageStore[] = [
  { name: 'docker', command: 'docker', saveArgs: (references) => ['save', ...references] },
  {
    name: 'podman',
    command: 'podman',
    // Without the second flag further references are taken for more names of the first image. In OCI's format Podman would
    // write another configuration for images that were made in Docker's, and with it another ID.
    saveArgs: (references) => ['save', '--quiet', '--multi-image-archive', '--format=docker-archive', ...references],
  },
];

/** The provider's own store first: what was built for the cluster is most likely there. */
export function storesFor(provider: string, stores: readonly ImageStore[] = IMAGE_STORES): ImageStore[] {
  return [...stores].sort((a, b) => Number(b.name === provider) - Number(a.name === provider));
}

/** An image that an engine on this host has. */
export interface LocalImage extends WantedImage {
  store: ImageStore;
  /** What the engine is asked for. */
  references: readonly string[];
  id: string;
  /** As the engine counts it: about what its archive takes. */
  bytes: number;
}

interface Inspected {
  Id: string;
  RepoTags?: string[] | null;
  Architecture?: string;
  Os?: string;
  Size?: number;
}

/** @throws {KinpodError} `image-not-present` in kind's words, with what each engine said */
export async function findImage(
  reference: string,
  stores: readonly ImageStore[],
  signal?: AbortSignal,
): Promise<LocalImage> {
  const reasons: string[] = [];
  for (const store of stores) {
    const found = await inspect(reference, store, signal);
    if (typeof found !== 'string') return localImage(reference, store, found);
    reasons.push(`${store.name}: ${found}`);
  }
  throw new KinpodError(`image: ${goQuote(reference)} not present locally`, {
    code: 'image-not-present',
    details: reasons.join('\n'),
    hint: `${stores[0]?.command} pull ${reference}`,
  });
}

/** @returns the engine's description, or why there is none */
async function inspect(
  reference: string,
  store: ImageStore,
  signal: AbortSignal | undefined,
): Promise<Inspected | string> {
  try {
    const { stdout } = await run(store.command, ['image', 'inspect', reference], { signal });
    return (JSON.parse(stdout) as Inspected[])[0] ?? 'no such image';
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.notStarted ? 'not installed' : (error.stderr.trim().split('\n').at(-1) ?? '');
  }
}

export function localImage(reference: string, store: ImageStore, inspected: Inspected): LocalImage {
  const id = inspected.Id.startsWith('sha256:') ? inspected.Id : `sha256:${inspected.Id}`;
  const engineNames = (inspected.RepoTags ?? []).filter((name) => !name.startsWith('<none>'));
  const meant = meantName(reference, engineNames);
  // Meant by its ID: then all that the engine calls it, since nobody could use it in a pod otherwise.
  const byId = !meant && isId(reference, id);
  const kept = meant ? [meant] : byId ? engineNames : [];
  // The name as it was typed too: a pod that says `app:1` looks for docker.io/library/app:1, whatever Podman found it as.
  const names = [...kept, ...(byId ? [] : [reference])].map(fullName);
  return {
    label: reference,
    store,
    references: kept.length > 0 ? kept : [id.replace('sha256:', '')],
    id,
    names: [...new Set(names)],
    platform: inspected.Os && inspected.Architecture ? `${inspected.Os}/${inspected.Architecture}` : undefined,
    bytes: inspected.Size ?? 0,
  };
}
