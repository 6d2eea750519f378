import { parse as parseToml } from 'smol-toml';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { execByHand } from '../../provider/by-hand.ts';
import type { ContainerRuntime, ImportOptions, RunningNode, StoredImage } from './container-runtime.ts';

/**
 * containerd, by its own `ctr`: CRI cannot take images that are not in a registry.
 * @throws {KinpodError} `unknown-runtime`
 */
export async function containerd({ provider, node, platform, signal }: RunningNode): Promise<ContainerRuntime> {
  const config = await provider.exec(node, ['containerd', 'config', 'dump'], { signal });
  const snapshotter = snapshotterOf(config.stdout);
  if (!snapshotter) {
    throw new KinpodError(`the containerd of ${node} does not say which snapshotter it uses`, {
      code: 'unknown-runtime',
      hint: `look for "snapshotter" in: ${execByHand(provider, node, 'containerd config dump')}`,
    });
  }
  const ctr = (...args: string[]) => ['ctr', '--namespace=k8s.io', 'images', ...args];
  return {
    platform,
    async images(within) {
      const [cri, stored] = await Promise.all([
        provider.exec(node, ['crictl', 'images', '--output', 'json'], { signal: within }),
        // It complains of images whose layers are unpacked and no longer kept: they are listed all the same.
        provider.exec(node, ctr('list'), { signal: within, allowFailure: true }),
      ]);
      return storedImages(cri.stdout, stored.stdout);
    },
    async importArchive(archive, options) {
      await provider.exec(node, ctr('import', ...importFlags(snapshotter, options), '-'), {
        input: archive,
        signal: options.signal,
      });
    },
    async tag(id, name, within) {
      await provider.exec(node, ctr('tag', '--force', id, name), { signal: within });
    },
  };
}

/**
 * Without `--all-platforms` containerd (1.7 and 2) looks at nothing but the node's platform, so that an index whose other blobs
 * were left out can be taken: what `docker save` writes for an image that was pulled for one platform (kind issue 3795).
 * `--digests` names every image a second time in containerd 2.2, which ignores `--skip-digest-for-named`: only where it must be.
 */
export function importFlags(snapshotter: string, options: Pick<ImportOptions, 'everyPlatform' | 'unnamed'>): string[] {
  return [
    ...(options.everyPlatform ? ['--all-platforms'] : []),
    ...(options.unnamed ? ['--digests'] : []),
    `--snapshotter=${snapshotter}`,
  ];
}

/** Where containerd's configuration names the snapshotter of CRI: version 2 (containerd 1.x), versions 3 and 4 (containerd 2.x). */
export function snapshotterOf(configDump: string): string | undefined {
  const { plugins } = parseToml(configDump) as {
    plugins?: {
      'io.containerd.cri.v1.images'?: { snapshotter?: string };
      'io.containerd.grpc.v1.cri'?: { containerd?: { snapshotter?: string } };
    };
  };
  return (
    plugins?.['io.containerd.cri.v1.images']?.snapshotter ??
    plugins?.['io.containerd.grpc.v1.cri']?.containerd?.snapshotter
  );
}

/**
 * @param cri `crictl images --output json`
 * @param list `ctr images list`: a line an image, its name, type and digest first
 */
export function storedImages(cri: string, list: string): StoredImage[] {
  const digestOf = new Map(
    list.split('\n').flatMap((line) => {
      const [name, , digest] = line.split(/\s+/);
      return name && digest?.startsWith('sha256:') ? [[name, digest] as const] : [];
    }),
  );
  const { images = [] } = JSON.parse(cri) as { images?: { id: string; repoTags?: string[]; repoDigests?: string[] }[] };
  return images.map(({ id, repoTags, repoDigests }) => {
    const names = [...(repoTags ?? []), ...(repoDigests ?? [])];
    const digests = [id, ...names].map((name) => digestOf.get(name)).filter((digest) => digest !== undefined);
    return { id, names, digests: [...new Set(digests)] };
  });
}
