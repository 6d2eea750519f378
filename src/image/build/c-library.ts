import { join } from 'node:path';

/** The C library and others that programs with C in them are linked with: a Debian tree, so that it matters little what the host has. */
export interface CLibrary {
  /** The tree, unpacked. */
  dir: string;
  /** Stands in for pkg-config. */
  pkgConfig: string;
}

/** Debian's names of machines, by Go's. */
const TRIPLES: Readonly<Record<string, string>> = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Variables for `go`: the host's gcc, with everything from the tree. Compilers that know nothing of Debian's directories are told them. */
export function compilerEnv({ dir, pkgConfig }: CLibrary, arch: string): Record<string, string> {
  const triple = TRIPLES[arch] ?? arch;
  const libraries = join(dir, 'usr', 'lib', triple);
  const headers = join(dir, 'usr', 'include', triple);
  return {
    CGO_ENABLED: '1',
    CC: ['gcc', `--sysroot=${dir}`, `-B${libraries}`, `-L${libraries}`, `-idirafter${headers}`].map(quoted).join(' '),
    PKG_CONFIG: quoted(pkgConfig),
  };
}

/** As Go splits CC and PKG_CONFIG (cmd/internal/quoted). */
function quoted(word: string): string {
  return /[\s"']/.test(word) ? `"${word}"` : word;
}
