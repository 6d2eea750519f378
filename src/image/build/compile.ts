import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../../exec/run.ts';
import { GO_ENV, goBuildArgs, type ProgramGroup } from './programs.ts';
import { runGroup } from './run-group.ts';

export interface CompileOptions {
  /** Directory of the wrapper module. */
  moduleDir: string;
  /** Where Go puts what it needs while it works. */
  temporary: string;
  signal?: AbortSignal | undefined;
  detail(text: string): void;
}

/** A compiled group: `bin/<program>`, `licenses/<module>@<version>/…` and the module's files that the group names. */
export async function compile(group: ProgramGroup, into: string, options: CompileOptions): Promise<void> {
  const { moduleDir, temporary, signal, detail } = options;
  const go = (args: string[], onLine?: (line: string) => void) =>
    runGroup('go', args, { cwd: moduleDir, env: { ...GO_ENV, GOTMPDIR: temporary }, signal, onLine });

  const { version, madeAt } = await moduleOf(group, moduleDir, signal);
  await mkdir(join(into, 'bin'), { recursive: true });
  let packages = 0;
  await go(goBuildArgs(group, version, madeAt, join(into, 'bin')), (line) => {
    if (line.startsWith('go: ')) detail(line.slice(4));
    // -v names each package when it is compiled; with a warm cache there are none.
    else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) detail(`${++packages} packages, ${line}`);
  });

  const listed = await go([
    'list',
    '-deps',
    '-mod=readonly',
    '-f',
    MODULE_LINE,
    ...group.programs.map((p) => p.package),
  ]);
  for (const line of new Set(listed.stdout.split('\n'))) {
    const [name, dir] = line.split('\t');
    if (name && dir) await copyLicenses(dir, join(into, 'licenses', name));
  }
  if (group.files) {
    const { dir } = await moduleOf(group, moduleDir, signal);
    for (const file of group.files) await copyFile(join(dir, file), join(into, basename(file)));
  }
}

/** Prints `path@version`, a tab and the directory of a package's module; nothing for the standard library. */
const MODULE_LINE =
  '{{with .Module}}{{if .Version}}{{with .Replace}}{{.Path}}@{{.Version}}{{"\t"}}{{.Dir}}{{else}}{{.Path}}@{{.Version}}{{"\t"}}{{.Dir}}{{end}}{{end}}{{end}}';

/** Version, date and (once it is downloaded) directory of the module that a group's programs come from. */
export async function moduleOf(
  group: ProgramGroup,
  moduleDir: string,
  signal?: AbortSignal,
): Promise<{ version: string; madeAt: string; dir: string }> {
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

async function copyLicenses(moduleDir: string, into: string): Promise<void> {
  const names = (await readdir(moduleDir, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|notice|patents)/i.test(entry.name))
    .map((entry) => entry.name);
  if (names.length === 0) return;
  await mkdir(into, { recursive: true });
  for (const name of names) await copyFile(join(moduleDir, name), join(into, name));
}
