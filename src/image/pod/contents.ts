import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildAssets } from '../build/assets.ts';
import { type ImageConfig, PATH } from '../build/container-images.ts';
import type { DebianTree } from '../build/debian.ts';
import type { LayerEntry } from '../build/layer.ts';
import { BUILD_KEY_LABEL } from '../build/node-layers.ts';

/**
 * Debian 13: Podman 5 and a Docker CLI without a daemon. Its C library is newer than that of most machines, so the Node.js of the
 * machine that builds runs on it.
 */
export const POD_TREE: DebianTree = {
  name: 'pod',
  title: 'Installing Debian packages of the pod image',
  suite: 'trixie',
  variant: 'minbase',
  exclude: ['man', 'locale', 'doc', 'info', 'lintian', 'bash-completion'].map((dir) => `/usr/share/${dir}/*`),
  // Their licenses ask for it.
  include: ['/usr/share/doc/*/copyright'],
};

/** Where kinpod lies in the image. */
const LIB = '/usr/local/lib/kinpod';
/** Where the store with the node image is mounted; the file with it lies beside, see images/pod/build/store-node-image.sh. */
const NODE_IMAGE = '/usr/local/share/kinpod/node-image';
/** The volume with all that lasts. */
const VOLUME = '/var/lib/containers';

/** The node image in a pod image. */
export interface StoredNodeImage {
  reference: string;
  id: string;
  /** File with a squashfs. */
  store: string;
}

/** Layer of the node image, which is the largest and changes seldom. */
export function nodeImageEntries({ reference, id, store }: StoredNodeImage): LayerEntry[] {
  return [
    { type: 'directory', path: NODE_IMAGE, mode: 0o755 },
    { type: 'file', path: `${NODE_IMAGE}.squashfs`, mode: 0o644, source: store },
    { type: 'file', path: `${NODE_IMAGE}.id`, mode: 0o644, content: `${id}\n` },
    { type: 'file', path: `${NODE_IMAGE}.name`, mode: 0o644, content: `${reference}\n` },
  ];
}

/** Layer with programs that are not Debian's. @param kubectl undefined: there is no node image to take it from */
export function programEntries(node: string, kubectl: string | undefined): LayerEntry[] {
  return [
    { type: 'file', path: '/usr/local/bin/node', mode: 0o755, source: node },
    ...(kubectl === undefined
      ? []
      : [{ type: 'file', path: '/usr/local/bin/kubectl', mode: 0o755, source: kubectl } as const]),
  ];
}

/** What of kinpod's own package goes into the image. */
const PACKAGE = [
  'package.json',
  'LICENSE',
  'dist/kinpod.js',
  'dist/program.cjs',
  'dist/LICENSES.txt',
  'images',
] as const;

/** Paths of kinpod's own files, relative to its package. */
export async function packageFiles(packageDir: string): Promise<string[]> {
  const files = PACKAGE.map(async (path) => {
    if (path !== 'images') return [path];
    const entries = await readdir(join(packageDir, path), { recursive: true, withFileTypes: true });
    return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(packageDir.length + 1));
  });
  return (await Promise.all(files)).flat().sort();
}

/** Layer with kinpod, its settings of the engine, and the image's first program. */
export async function ownEntries(
  assets: BuildAssets,
  packageDir: string,
  hasNodeImage: boolean,
): Promise<LayerEntry[]> {
  const program = (await packageFiles(packageDir)).map(
    (path): LayerEntry => ({
      type: 'file',
      path: `${LIB}/${path}`,
      mode: path === 'dist/kinpod.js' ? 0o755 : 0o644,
      source: join(packageDir, path),
    }),
  );
  const rootfs: LayerEntry[] = [];
  for (const name of await assets.files('rootfs')) {
    const content = await readFile(assets.path('rootfs', name), 'utf8');
    const path = `/${name}`;
    if (path === '/etc/containers/storage.conf') {
      rootfs.push({ type: 'file', path, mode: 0o644, content: storageSettings(content, hasNodeImage) });
    } else {
      rootfs.push({ type: 'file', path, mode: content.startsWith('#!') ? 0o755 : 0o644, content });
    }
  }
  const link = (path: string): LayerEntry => ({ type: 'symlink', path, target: '../lib/kinpod/dist/kinpod.js' });
  // Scripts that call kind find it.
  return [...program, ...rootfs, link('/usr/local/bin/kinpod'), link('/usr/local/bin/kind')];
}

/** Podman refuses a store that is not there. */
export function storageSettings(text: string, hasNodeImage: boolean): string {
  return hasNodeImage ? `${text}\n[storage.options]\nadditionalimagestores = ["${NODE_IMAGE}"]\n` : text;
}

const NODE_IMAGE_LABEL = 'dev.kinpod.node-image';

/** Config of the pod image. @param key of all that it is made from */
export function podImageConfig(key: string, version: string, nodeImage: string | undefined): ImageConfig {
  return {
    Env: [
      PATH,
      'HOME=/root',
      // By which kinpod knows where it runs.
      'KINPOD_IN_POD=1',
      'KINPOD_READY_FILE=/run/kinpod/ready',
      `KUBECONFIG=${VOLUME}/kinpod/kubeconfig`,
      `XDG_CACHE_HOME=${VOLUME}/kinpod/cache`,
      // Podman 5 would say it at every call.
      'PODMAN_IGNORE_CGROUPSV1_WARNING=1',
    ],
    Entrypoint: ['/usr/local/libexec/kinpod-pod'],
    StopSignal: 'SIGTERM',
    Labels: {
      'dev.kinpod.image': 'pod',
      'dev.kinpod.version': version,
      ...(nodeImage !== undefined && { [NODE_IMAGE_LABEL]: nodeImage }),
      [BUILD_KEY_LABEL]: key,
    },
  };
}
