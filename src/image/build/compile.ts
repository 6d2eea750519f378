import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../../exec/run.ts';
import { type CLibrary, compilerEnv } from './c-library.ts';
import { copyDebianLicenses, copyModuleLicenses, copyTreeLicenses } from './licenses.ts';
import { GO_ENV, goBuildArgs, type ProgramGroup } from './programs.ts';
import { runGroup } from './run-group.ts';

export interface CompileOptions {
  /** Directory of the wrapper module, or of a checkout. */
  moduleDir: string;
  /**
   * The directory is a checkout, and this is what it is of: Go goes by the workspace and the vendored packages that are
   * there, and not by go.sum.
   */
  checkout?: ModuleVersion | undefined;
  /** Build tags, beside those of the group. Default: none. */
  tags?: readonly string[];
  /** Where the C library is, for a group with C. */
  cLibrary?: CLibrary | undefined;
  /** Processor architecture of the programs, as Go names it. */
  arch: string;
  /** Where Go puts what it needs while it works. */
  temporary: string;
  signal?: AbortSignal | undefined;
  detail(text: string): void;
}

/** A compiled group: `bin/<program>`, `licenses/<module>@<version>/…` and the module's files that the group names. */
export async function compile(group: ProgramGroup, into: string, options: CompileOptions): Promise<void> {
  const { moduleDir, checkout, cLibrary, tags = [], arch, temporary, signal, detail } = options;
  const env = {
    ...GO_ENV,
    ...(group.cgo && cLibrary ? compilerEnv(cLibrary, arch) : {}),
    GOARCH: arch,
    GOTMPDIR: temporary,
    ...(checkout && { GOWORK: '' }),
  };
  const go = (args: string[], onLine?: (line: string) => void) =>
    runGroup('go', args, { cwd: moduleDir, env, signal, onLine });

  const { version, madeAt } = checkout ?? (await moduleOf(group, moduleDir, signal));
  // The latter stays empty where all of it is kinpod's own.
  for (const dir of ['bin', 'licenses']) await mkdir(join(into, dir), { recursive: true });
  let packages = 0;
  const build = goBuildArgs(group, version, madeAt, join(into, 'bin'), tags);
  await go(checkout ? build.filter((arg) => arg !== '-mod=readonly') : build, (line) => {
    if (line.startsWith('go: ')) detail(line.slice(4));
    // -v names each package when it is compiled; with a warm cache there are none.
    else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) detail(`${++packages} packages, ${line}`);
  });

  if (checkout) await copyTreeLicenses(moduleDir, join(into, 'licenses', 'k8s.io', 'kubernetes'));
  else {
    const allTags = [...(group.tags ?? []), ...tags];
    const query = ['-deps', '-mod=readonly', ...(allTags.length > 0 ? ['-tags', allTags.join(',')] : [])];
    const listed = await go(['list', ...query, '-f', MODULE_LINE, ...group.programs.map((p) => p.package)]);
    for (const line of new Set(listed.stdout.split('\n'))) {
      const [name, dir] = line.split('\t');
      if (name && dir) await copyModuleLicenses(dir, join(into, 'licenses', name));
    }
  }
  if (group.cgo && cLibrary) await copyDebianLicenses(cLibrary.dir, join(into, 'licenses', 'debian'));
  if (group.files) {
    const dir = checkout ? moduleDir : (await moduleOf(group, moduleDir, signal)).dir;
    for (const file of group.files) await copyFile(join(dir, file), join(into, basename(file)));
  }
}

/** Prints `path@version`, a tab and the directory of a package's module; nothing for the standard library. */
const MODULE_LINE =
  '{{with .Module}}{{if .Version}}{{with .Replace}}{{.Path}}@{{.Version}}{{"\t"}}{{.Dir}}{{else}}{{.Path}}@{{.Version}}{{"\t"}}{{.Dir}}{{end}}{{end}}{{end}}';

export interface ModuleVersion {
  /** `v1.36.3` */
  version: string;
  /** RFC 3339 */
  madeAt: string;
}

/** Version, date and (once it is downloaded) directory of the module that a group's programs come from. */
export async function moduleOf(
  group: ProgramGroup,
  moduleDir: string,
  signal?: AbortSignal,
): Promise<ModuleVersion & { dir: string }> {
  const { stdout } = await run('go', ['list', '-m', '-mod=readonly', '-json', group.from], {
    cwd: moduleDir,
    env: GO_ENV,
    signal,
  });
  const { Version, Time, Dir } = JSON.parse(stdout) as { Version: string; Time?: string; Dir?: string };
  return { version: Version, madeAt: Time ?? '1970-01-01T00:00:00Z', dir: Dir ?? '' };
}

/** @returns `go1.26.8`: what really compiles, which may be a newer toolchain than the one that is installed */
export async function goVersion(moduleDir: string, signal?: AbortSignal): Promise<string> {
  return (await run('go', ['env', 'GOVERSION'], { cwd: moduleDir, env: GO_ENV, signal })).stdout.trim();
}
