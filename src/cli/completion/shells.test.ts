import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assetsDir } from '../../exec/assets.ts';
import { onPath } from '../../exec/on-path.ts';

/** Typed at a real prompt, in a pseudo-terminal; Tab is the key. */
const typed: [line: string, becomes: string[]][] = [
  ['kinpod cre\tclus\t--reta\t', ['create', 'cluster', '--retain']],
  ['kinpod delete cluster --name=sta\t', ['delete', 'cluster', '--name=staging']],
  ['kinpod check --for bu\t--kub\t', ['check', '--for', 'build', '--kub']],
  ['kinpod create cluster --config conf\t', ['create', 'cluster', '--config', 'config.yaml']],
];

/** How each shell is started with its script loaded; `dir` holds what it reads. */
const interactive = {
  bash: (dir: string) => `bash --noprofile --rcfile ${dir}/bashrc -i`,
  zsh: (dir: string) => `env ZDOTDIR=${dir} zsh -i`,
  fish: (dir: string) => `env XDG_CONFIG_HOME=${dir} XDG_DATA_HOME=${dir} fish -i`,
};

const run = promisify(execFile);
let dir: string;
let env: NodeJS.ProcessEnv;

async function executable(name: string, text: string): Promise<void> {
  await writeFile(join(dir, name), `#!/bin/sh\n${text}\n`);
  await chmod(join(dir, name), 0o755);
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-shells-'));
  await run(process.execPath, [join(assetsDir(), 'scripts', 'build.mjs'), join(dir, 'dist')]);
  // The program answers the shell; what the line has become in the end is printed instead of done.
  const program = `"${process.execPath}" "${join(dir, 'dist', 'kinpod.js')}"`;
  await executable(
    'kinpod',
    `[ "$1" = __complete ] && exec ${program} "$@"\nprintf 'typed:'; printf '<%s>' "$@"; echo`,
  );
  const node = { Names: ['x'], State: 'running', Labels: { 'io.x-k8s.kind.cluster': 'staging' } };
  // It is asked for labels alone, or for all that there is.
  const answers = `*'{{index'*) echo staging ;; *) echo '${JSON.stringify([node])}' ;;`;
  await executable('podman', `case "$*" in ${answers} esac`);
  for (const name of ['images', 'completions']) await run('cp', ['-r', join(assetsDir(), name), dir]);
  const script = async (shell: string) =>
    (await run(process.execPath, [join(dir, 'dist', 'kinpod.js'), 'completion', shell])).stdout;
  await writeFile(join(dir, 'bashrc'), await script('bash'));
  await writeFile(join(dir, '.zshrc'), `autoload -U compinit; compinit -u -D\n${await script('zsh')}`);
  await mkdir(join(dir, 'fish', 'completions'), { recursive: true });
  // Where it is missing fish makes it of all manual pages, in the background.
  await mkdir(join(dir, 'fish', 'generated_completions'));
  await writeFile(join(dir, 'fish', 'completions', 'kinpod.fish'), await script('fish'));
  await writeFile(join(dir, 'kinpod.ps1'), await script('powershell'));
  await writeFile(join(dir, 'config.yaml'), '');
  env = { PATH: `${dir}:${process.env.PATH}`, HOME: dir, TERM: 'xterm', KIND_EXPERIMENTAL_PROVIDER: 'podman' };
}, 60_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

/** The words of the line that the shell has run in the end. */
async function atThePrompt(shell: keyof typeof interactive, line: string): Promise<string[]> {
  const child = run('script', ['-qec', interactive[shell](dir), '/dev/null'], { env, cwd: dir, timeout: 60_000 });
  child.child.stdin?.end(`${line}\nexit\n`);
  const { stdout } = await child;
  const words = /typed:((?:<[^<>\r\n]*>)+)/.exec(stdout)?.[1];
  if (words === undefined) throw new Error(`nothing was run; the terminal showed: ${JSON.stringify(stdout)}`);
  return words.slice(1, -1).split('><');
}

const hasTerminal = await onPath('script', process.env);

describe.each(Object.keys(interactive) as (keyof typeof interactive)[])('%s', async (shell) => {
  const missing = (await onPath(shell, process.env)) ? undefined : `${shell} is not installed`;
  const reason = missing ?? (hasTerminal ? undefined : 'script(1), which gives a terminal, is not installed');

  test.for(typed)('completes %j', { timeout: 60_000 }, async ([line, expected], context) => {
    if (reason) return context.skip(reason);
    expect(await atThePrompt(shell, line)).toEqual(expected);
  });
});

describe('PowerShell', () => {
  test('parses its script and gets an answer through it', { timeout: 60_000 }, async (context) => {
    if (!(await onPath('pwsh', process.env))) return context.skip('pwsh is not installed');
    const ask = `. ${join(dir, 'kinpod.ps1')}; (TabExpansion2 'kinpod cre' 10).CompletionMatches.CompletionText`;
    expect((await run('pwsh', ['-NoProfile', '-Command', ask], { env })).stdout.trim()).toBe('create');
  });
});
