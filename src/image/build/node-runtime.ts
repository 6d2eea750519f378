import { KinpodError } from '../../errors/kinpod-error.ts';
import type { RuntimeName } from '../../node/runtime/runtimes.ts';
import type { BuildAssets } from './assets.ts';
import { CRIO_GROUP, pinnedCrioVersion } from './cri-o-module.ts';
import type { ProgramGroup } from './programs.ts';

/** How images lie in the node image: unpacked once for all nodes, or packed as in kind's own node images. */
export type ImageStore = 'packed' | 'unpacked';

/** What a container runtime brings into a node image. Its files are in images/node/runtimes/NAME. */
export interface BuildRuntime {
  name: RuntimeName;
  /** Its programs, and others that only nodes with it have. */
  groups: readonly ProgramGroup[];
  /** Programs of these that nodes have, in /usr/local/bin or, as kind's nodes have runc, in /usr/local/sbin. */
  programs: readonly string[];
  /** Its systemd unit. */
  unit: string;
  /** There is a packages.list. */
  hasPackages: boolean;
  /** Of its directory: what decides how images lie in its store. */
  storeConfig: readonly string[];
  /** How images can lie in a node image. */
  imageStores: readonly ImageStore[];
  /** Where it reads the specification that every container begins with, if it takes one. */
  baseSpec: string | undefined;
  /** What a base image needs beside what all need, as in base-image.ts. */
  neededInBase: Readonly<Record<string, readonly string[]>>;
  /** Another version of a group's module than the pinned one. */
  release?: { module: string; version: string };
}

/**
 * Debian 12's runc is 1.1.5, which has no idmapped mounts: with it the kubelet refuses pods with `hostUsers: false`. Before
 * containerd, so that a compiler that is broken shows early.
 */
const RUNC_GROUP: ProgramGroup = {
  module: 'runc',
  title: 'runc',
  from: 'github.com/opencontainers/runc',
  programs: [{ name: 'runc', package: 'github.com/opencontainers/runc' }],
  // As its Makefile has them for a static program, without libpathrs, which is a library in Rust: what Go has in its place is used.
  tags: ['seccomp', 'urfave_cli_no_docs', 'netgo', 'osusergo'],
  cgo: true,
  // It has its version in itself; of a module there is no commit.
  variables: () => ({}),
};

const CONTAINERD: BuildRuntime = {
  name: 'containerd',
  groups: [
    RUNC_GROUP,
    {
      module: 'containerd',
      title: 'containerd',
      from: 'github.com/containerd/containerd/v2',
      programs: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => ({
        name,
        package: `github.com/containerd/containerd/v2/cmd/${name}`,
      })),
      variables: (version) => ({ 'github.com/containerd/containerd/v2/version.Version': version }),
    },
  ],
  programs: ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc'],
  unit: 'containerd',
  hasPackages: false,
  storeConfig: ['rootfs/etc/containerd/config.toml'],
  imageStores: ['unpacked', 'packed'],
  baseSpec: '/etc/containerd/cri-base.json',
  neededInBase: {},
};

/** kinpod's own, without which CRI-O does not work in a node. */
const OWN_GROUP: ProgramGroup = {
  module: 'programs',
  title: 'pinns and crun-wrapper',
  from: 'kinpod.dev/node/programs',
  programs: ['crun-wrapper', 'pinns'].map((name) => ({ name, package: `kinpod.dev/node/programs/${name}` })),
  own: true,
  variables: () => ({}),
};

const CRIO: BuildRuntime = {
  name: 'cri-o',
  groups: [OWN_GROUP, CRIO_GROUP],
  programs: ['crio', 'crun-wrapper', 'pinns'],
  unit: 'crio',
  hasPackages: true,
  storeConfig: [],
  // A store that all nodes share is how CRI-O has images at all: there would be nobody to unpack them.
  imageStores: ['unpacked'],
  baseSpec: undefined,
  neededInBase: {
    crun: ['usr/bin/crun'],
    conmon: ['usr/bin/conmon'],
    skopeo: ['usr/bin/skopeo'],
    jq: ['usr/bin/jq'],
  },
};

export const BUILD_RUNTIMES: Readonly<Record<RuntimeName, BuildRuntime>> = { containerd: CONTAINERD, 'cri-o': CRIO };

export interface RuntimeOptions {
  runtime: RuntimeName | undefined;
  imageStore: ImageStore;
  /** `1.34.0` or `v1.34.0`. Default: the pinned one. */
  crioVersion: string | undefined;
}

/** @throws {KinpodError} `invalid-flag` for what does not go together */
export async function buildRuntime(
  { runtime = 'containerd', imageStore, crioVersion }: RuntimeOptions,
  assets: BuildAssets,
): Promise<BuildRuntime> {
  const chosen = BUILD_RUNTIMES[runtime];
  if (crioVersion !== undefined && chosen !== CRIO) {
    throw new KinpodError('a version of CRI-O is for a node image with CRI-O', {
      code: 'invalid-flag',
      hint: `--runtime cri-o --crio-version ${crioVersion}`,
    });
  }
  if (!chosen.imageStores.includes(imageStore)) {
    throw new KinpodError(`nodes with CRI-O cannot have ${imageStore} images`, {
      code: 'invalid-flag',
      details: 'they share a store of unpacked images that is a part of the node image',
      hint: 'leave out --image-store',
    });
  }
  if (crioVersion === undefined) return chosen;
  if (!/^v?\d+\.\d+\.\d+(-[\w.]+)?$/.test(crioVersion)) {
    throw new KinpodError(`"${crioVersion}" is not a version of CRI-O`, {
      code: 'bad-version',
      hint: 'such as 1.34.0: https://github.com/cri-o/cri-o/releases',
    });
  }
  const version = `v${crioVersion.replace(/^v/, '')}`;
  if (version === (await pinnedCrioVersion(assets))) return chosen;
  return { ...chosen, release: { module: CRIO_GROUP.module, version } };
}
