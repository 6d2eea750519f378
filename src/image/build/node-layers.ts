import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KUBERNETES_VERSION_LABEL, RUNTIME_LABEL } from '../../provider/labels.ts';
import type { BuildAssets, Part } from './assets.ts';
import { HELPER_IMAGE, type ImageConfig, PATH } from './container-images.ts';
import type { LayerEntry } from './layer.ts';
import type { BuildRuntime } from './node-runtime.ts';
import type { Recipe } from './recipe.ts';

/** kind and kubelet's unit expect these in /usr/bin; the rest goes to /usr/local/bin. */
const IN_USR_BIN = ['kubeadm', 'kubelet', 'kubectl'];
const IN_USR_LOCAL_BIN = ['crictl'];
/** Where kind's images have it, whose own would else come first in $PATH where they are a base. */
const IN_USR_LOCAL_SBIN = ['runc'];

/** Layer with what was compiled. @param licenseDirs directories with one directory for each Go module */
export async function programEntries(
  program: (name: string) => string,
  licenseDirs: readonly string[],
  runtime: BuildRuntime,
): Promise<LayerEntry[]> {
  const placed = (dir: string) => (name: string) =>
    ({ type: 'file', path: `${dir}/${name}`, mode: 0o755, source: program(name) }) as const;
  const licenses = new Map<string, LayerEntry>();
  for (const dir of licenseDirs) {
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const source = join(entry.parentPath, entry.name);
      const path = `/LICENSES/${source.slice(dir.length + 1)}`;
      // Modules that several programs have come once.
      licenses.set(path, { type: 'file', path, mode: 0o644, source });
    }
  }
  return [
    ...IN_USR_BIN.map(placed('/usr/bin')),
    ...[...IN_USR_LOCAL_BIN, ...runtime.programs].map((name) =>
      placed(IN_USR_LOCAL_SBIN.includes(name) ? '/usr/local/sbin' : '/usr/local/bin')(name),
    ),
    ...licenses.values(),
  ];
}

/** What is filled into the files of rootfs/. */
export interface NodeFacts {
  kubernetesVersion: string;
  pauseImage: string;
  provisionerImage: string;
  /** What every container of the runtime begins with, where it takes that: output of `ctr oci spec`. */
  ociSpec: string | undefined;
}

/** Layer with configuration, units and scripts. */
export async function nodeFileEntries(
  assets: BuildAssets,
  facts: NodeFacts,
  { name: runtime, baseSpec }: BuildRuntime,
): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  const dirs: readonly (readonly [Part, ...string[]])[] = [['rootfs'], ['runtimes', runtime, 'rootfs']];
  for (const dir of dirs) {
    for (const name of await assets.files(...dir)) {
      const content = fillIn(await readFile(assets.path(...dir, name), 'utf8'), facts);
      entries.push({ type: 'file', path: `/${name}`, mode: content.startsWith('#!') ? 0o755 : 0o644, content });
    }
  }
  return [
    ...entries,
    // Without a line end: kind takes the whole file.
    { type: 'file', path: '/kind/version', mode: 0o644, content: facts.kubernetesVersion },
    ...(baseSpec === undefined || facts.ociSpec === undefined
      ? []
      : [{ type: 'file', path: baseSpec, mode: 0o644, content: baseRuntimeSpec(facts.ociSpec) } as const]),
  ];
}

/** @throws Error if a placeholder is left that nobody fills in */
export function fillIn(text: string, facts: Pick<NodeFacts, 'pauseImage' | 'provisionerImage'>): string {
  const values: Record<string, string> = {
    PAUSE_IMAGE: facts.pauseImage,
    HELPER_IMAGE,
    PROVISIONER_IMAGE: facts.provisionerImage,
  };
  return text.replace(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing to fill in for @${name}@`);
    return value;
  });
}

/**
 * The specification that every container begins with: the runtime's own default, without limits of its own (the node's apply, and
 * some hosts allow no more), and with the hook that hides the host's DMI data.
 */
export function baseRuntimeSpec(ociSpec: string): string {
  const spec = JSON.parse(ociSpec) as { process: Record<string, unknown>; hooks?: Record<string, unknown[]> };
  delete spec.process.rlimits;
  spec.hooks = {
    ...spec.hooks,
    createContainer: [...(spec.hooks?.createContainer ?? []), { path: '/kind/bin/mount-product-files.sh' }],
  };
  return JSON.stringify(spec);
}

export const BUILD_KEY_LABEL = 'dev.kinpod.build-key';

/** Config of the node image, as kind expects it. */
export function nodeImageConfig(
  recipe: Pick<Recipe, 'kubernetesVersion' | 'runtime' | 'imageStore' | 'image'>,
): ImageConfig {
  return {
    Env: [PATH, 'container=docker'],
    Entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
    // systemd's own signal for a shutdown; SIGTERM makes it start again.
    StopSignal: 'SIGRTMIN+3',
    Labels: {
      'dev.kinpod.image': 'node',
      [KUBERNETES_VERSION_LABEL]: recipe.kubernetesVersion,
      [RUNTIME_LABEL]: recipe.runtime.name,
      'dev.kinpod.image-store': recipe.imageStore,
      [BUILD_KEY_LABEL]: recipe.image,
    },
  };
}
