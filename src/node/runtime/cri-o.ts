import type { ContainerRuntime, RunningNode, StoredImage } from './container-runtime.ts';

/** Script of the node image that puts an archive into CRI-O's store, and prints what it has put there. */
const IMPORT = '/kind/bin/import-images.sh';

/**
 * CRI-O, by skopeo on its store: neither it nor CRI can take images that are not in a registry. It sees at once what is put there.
 */
export function crio({ provider, node, platform }: RunningNode): ContainerRuntime {
  // By what archives call the images that came from them. An index is not kept by the store, so it could not be told afterwards.
  const imported = new Map<string, string>();
  return {
    platform,
    async images(signal) {
      const { stdout } = await provider.exec(node, ['crictl', 'images', '--output', 'json'], { signal });
      return storedImages(stdout, imported);
    },
    async importArchive(archive, { signal }) {
      const { stdout } = await provider.exec(node, [IMPORT], { input: archive, signal });
      for (const [digest, id] of importedImages(stdout)) imported.set(digest, id);
    },
    async tag(id, name, signal) {
      const [from, to] = [`containers-storage:@${id.replace('sha256:', '')}`, `containers-storage:${name}`];
      await provider.exec(node, ['skopeo', 'copy', '--quiet', '--insecure-policy', from, to], { signal });
    },
  };
}

/** @param output of the import: a line an image, the digest of its manifest or index and its ID; `-` where it has none but its ID */
export function importedImages(output: string): [digest: string, id: string][] {
  return output.split('\n').flatMap((line): [string, string][] => {
    const [digest, id] = line.trim().split(/\s+/);
    return digest?.startsWith('sha256:') && id ? [[digest, id]] : [];
  });
}

/**
 * @param cri `crictl images --output json`; CRI-O leaves out the algorithm of IDs
 * @param imported ID by digest of what was imported
 */
export function storedImages(cri: string, imported: ReadonlyMap<string, string>): StoredImage[] {
  const { images = [] } = JSON.parse(cri) as { images?: { id: string; repoTags?: string[]; repoDigests?: string[] }[] };
  return images.map((image) => {
    const id = image.id.includes(':') ? image.id : `sha256:${image.id}`;
    const repoDigests = image.repoDigests ?? [];
    const digests = repoDigests.flatMap((name) => name.split('@')[1] ?? []);
    const known = [...imported].flatMap(([digest, owner]) => (owner === id ? [digest] : []));
    return {
      id,
      names: [...(image.repoTags ?? []), ...repoDigests],
      digests: [...new Set([...digests, ...known])],
    };
  });
}
