import { asRoot, type FixCommand } from './fix.ts';
import type { Host } from './host.ts';

export type PackageManager = 'apt' | 'dnf' | 'zypper' | 'pacman' | 'apk';

/** What /etc/os-release says, as far as it decides how packages are installed. */
export interface Distribution {
  /** `debian`, `ubuntu`, `fedora`, …; empty where unknown. */
  id: string;
  /** `12`, `24.04`; empty for rolling releases. */
  version: string;
  /** As the distribution calls itself. */
  name: string;
  packageManager: PackageManager | undefined;
}

/** What kinpod may have to install, by package manager. */
export type Need = 'engine' | 'iptables' | 'rootless' | 'builder' | 'go' | 'c-compiler';

const MANAGERS: Readonly<Record<string, PackageManager>> = {
  debian: 'apt',
  ubuntu: 'apt',
  fedora: 'dnf',
  rhel: 'dnf',
  centos: 'dnf',
  suse: 'zypper',
  opensuse: 'zypper',
  arch: 'pacman',
  alpine: 'apk',
};

const PACKAGES: Readonly<Record<PackageManager, Readonly<Partial<Record<Need, readonly string[]>>>>> = {
  apt: {
    engine: ['podman', 'crun', 'netavark', 'aardvark-dns', 'iptables', 'ca-certificates'],
    iptables: ['iptables'],
    rootless: ['uidmap', 'passt', 'slirp4netns', 'fuse-overlayfs', 'dbus-user-session'],
    // The archive keyring is what verifies Debian packages on Ubuntu.
    builder: ['mmdebstrap', 'debian-archive-keyring', 'tar', 'ca-certificates'],
    go: ['golang-go'],
    'c-compiler': ['gcc'],
  },
  dnf: {
    engine: ['podman', 'crun', 'netavark', 'aardvark-dns', 'iptables-nft'],
    iptables: ['iptables-nft'],
    rootless: ['shadow-utils', 'passt', 'fuse-overlayfs'],
    go: ['golang'],
    'c-compiler': ['gcc'],
  },
  zypper: {
    engine: ['podman', 'crun', 'netavark', 'aardvark-dns', 'iptables'],
    iptables: ['iptables'],
    rootless: ['shadow', 'passt', 'fuse-overlayfs'],
    go: ['go'],
    'c-compiler': ['gcc'],
  },
  pacman: {
    // Every Arch has iptables or its replacement iptables-nft, which would be in conflict.
    engine: ['podman', 'crun', 'netavark', 'aardvark-dns'],
    iptables: ['iptables'],
    rootless: ['shadow', 'passt', 'fuse-overlayfs'],
    go: ['go'],
    'c-compiler': ['gcc'],
  },
  apk: {
    engine: ['podman', 'crun', 'netavark', 'aardvark-dns', 'iptables'],
    iptables: ['iptables'],
    rootless: ['shadow-uidmap', 'passt', 'fuse-overlayfs'],
    go: ['go'],
    'c-compiler': ['gcc'],
  },
};

/**
 * Releases whose own packages are missing or too old, and the first that are not: Debian 11 and Ubuntu 22.04 have Podman 3;
 * Debian 12 and Ubuntu 22.04 have a Go that cannot switch to the toolchain that a module asks for (Go 1.21 can).
 */
const FIRST_GOOD_RELEASE: Readonly<Partial<Record<Need, Readonly<Record<string, number>>>>> = {
  engine: { debian: 12, ubuntu: 24.04 },
  rootless: { debian: 12, ubuntu: 24.04 },
  go: { debian: 13, ubuntu: 24.04 },
};

export async function readDistribution(host: Host): Promise<Distribution> {
  const text = (await host.readFile('/etc/os-release')) ?? (await host.readFile('/usr/lib/os-release')) ?? '';
  const field = (name: string) => new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(text)?.[1] ?? '';
  const family = [field('ID'), ...field('ID_LIKE').split(' ')];
  const known = family.map((id) => id.replace(/-.*/, '')).find((id) => id in MANAGERS);
  return {
    id: field('ID'),
    version: field('VERSION_ID'),
    name: field('PRETTY_NAME') || field('NAME') || 'this distribution',
    packageManager: known === undefined ? undefined : MANAGERS[known],
  };
}

/** Whether the distribution's own packages for a need are there and new enough. */
function hasPackages(distribution: Distribution, need: Need): boolean {
  if (distribution.packageManager === undefined) return false;
  if (PACKAGES[distribution.packageManager][need] === undefined) return false;
  const first = FIRST_GOOD_RELEASE[need]?.[distribution.id];
  return first === undefined || distribution.version === '' || Number.parseFloat(distribution.version) >= first;
}

/** @returns undefined where the distribution has no (or too old) packages */
export function installCommands(distribution: Distribution, needs: readonly Need[]): FixCommand[] | undefined {
  const manager = distribution.packageManager;
  if (manager === undefined || !needs.every((need) => hasPackages(distribution, need))) return undefined;
  const packages = [...new Set(needs.flatMap((need) => PACKAGES[manager][need] ?? []))];
  return INSTALL[manager](packages);
}

const INSTALL: Readonly<Record<PackageManager, (packages: readonly string[]) => FixCommand[]>> = {
  apt: (packages) => [
    // It fails where any one of the configured sources does not answer; the packages may well come from another.
    { ...asRoot('apt-get', ...APT_OPTIONS, 'update'), mayFail: true },
    asRoot(
      ...['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...APT_OPTIONS],
      ...['install', '-y', '--no-install-recommends', ...packages],
    ),
  ],
  dnf: (packages) => [asRoot('dnf', 'install', '-y', ...packages)],
  zypper: (packages) => [asRoot('zypper', '--non-interactive', 'install', '--no-recommends', ...packages)],
  pacman: (packages) => [asRoot('pacman', '-S', '--noconfirm', '--needed', ...packages)],
  apk: (packages) => [asRoot('apk', 'add', ...packages)],
};

/** The lock is waited for (seconds): a fresh machine's own update often holds it. */
const APT_OPTIONS = ['-q', '-o', 'DPkg::Lock::Timeout=120'];
