import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { assetsDir } from './exec/assets.ts';
import { until } from './exec/until.ts';
import { version } from './version.ts';

/** The program, built from the sources as they are now. */
let dir: string;
let program: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-bin-'));
  program = join(dir, 'kinpod.js');
  await promisify(execFile)(process.execPath, [join(assetsDir(), 'scripts', 'build.mjs'), dir]);
}, 60_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

function start(args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env } });
}

/** The process' end, and all that it wrote to stderr. */
async function end(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  const [stderr, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'close')]);
  return { code: code as number | null, stderr };
}

/** kinpod in the middle of its work: it waits for an engine that does not answer. */
async function startWaiting(command: string[], engine: string): Promise<ChildProcess> {
  const asked = join(dir, 'asked');
  await writeFile(join(dir, 'podman'), `#!/bin/sh\n: >"${asked}"\n${engine}`);
  await chmod(join(dir, 'podman'), 0o755);
  await rm(asked, { force: true });
  const child = start(command, {
    PATH: `${dir}:${process.env.PATH}`,
    KINPOD_EXPERIMENTAL_PROVIDER: 'podman',
  });
  await until(async () => existsSync(asked), { withinMs: 20_000, what: 'the call of the engine' });
  return child;
}

test('the bundle runs by itself', async () => {
  const { stdout } = await promisify(execFile)(program, ['--version'], { cwd: '/' });
  expect(stdout).toBe(`kinpod version ${version().version}\n`);
});

describe('compiled code', () => {
  const run = (home: string) =>
    spawnSync(program, ['config', 'schema'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: home },
    });
  const kept = async (home: string) => {
    const code = join(home, 'kinpod', 'code');
    const files = await readdir(code, { recursive: true, withFileTypes: true });
    return files.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
  };
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(dir, 'cache-'));
  });

  test('is kept for each command, and that of other versions goes', async () => {
    const old = join(home, 'kinpod', 'code', 'old-version');
    await mkdir(old, { recursive: true });
    const first = run(home);
    const files = await kept(home);
    expect(files).toEqual([expect.stringMatching(/\/config schema$/)]);
    expect(existsSync(old)).toBe(false);
    const written = (await stat(files[0] ?? '')).mtimeMs;
    expect(run(home)).toMatchObject({ status: 0, stdout: first.stdout, stderr: '' });
    expect((await stat(files[0] ?? '')).mtimeMs).toBe(written);
  });

  test('that is damaged is made anew', async () => {
    run(home);
    const [file = ''] = await kept(home);
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    expect(run(home)).toMatchObject({ status: 0, stderr: '' });
    expect((await stat(file)).size).toBeGreaterThan(whole.length / 2);
  });

  test('that others could have written is not taken', async () => {
    run(home);
    const [file = ''] = await kept(home);
    await chmod(file, 0o666);
    expect(run(home)).toMatchObject({ status: 0, stderr: '' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('that cannot be kept is no failure', async () => {
    await writeFile(join(home, 'kinpod'), 'a file where the directory should be');
    expect(run(home)).toMatchObject({ status: 0, stderr: '' });
  });
});

test('the library can be imported', async () => {
  const script = `import(${JSON.stringify(join(dir, 'index.js'))}).then((kinpod) => console.log(kinpod.version().version))`;
  // Its dependencies are packages: they are found from the project's directory only.
  const copy = join(assetsDir(), 'node_modules', `.kinpod-index-${process.pid}.mjs`);
  try {
    await promisify(execFile)('cp', [join(dir, 'index.js'), copy]);
    const imported = script.replace(join(dir, 'index.js'), copy);
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', imported]);
    expect(stdout).toBe(`${version().version}\n`);
  } finally {
    await rm(copy, { force: true });
  }
});

/** Milliseconds of CPU time, of the program and of the system for it: other work on this machine does not count. */
function cpuTime(args: string[]): number {
  const { stdout } = spawnSync('sh', ['-c', '"$0" "$@" >/dev/null; times', process.execPath, ...args], {
    encoding: 'utf8',
  });
  const [, ofChildren = ''] = stdout.trim().split('\n');
  const seconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return 1000 * seconds.reduce((sum, one) => sum + one, 0);
}

test.each([
  ['starting', ['--version']],
  // With Node.js' own 40 ms this is less than the 150 ms that a key press may take.
  ['answering a shell', ['__complete', 'create', 'cluster', '--']],
])('%s takes little longer than Node.js itself', { timeout: 60_000 }, (_, args) => {
  // The best of several runs, taken in turns: a busy machine can only add to one.
  const runs = Array.from({ length: 7 }, () => [cpuTime(['-e', '0']), cpuTime([program, ...args])] as const);
  const bare = Math.min(...runs.map(([ms]) => ms));
  const own = Math.min(...runs.map(([, ms]) => ms));
  // 100 ms is what the program may add on a machine where Node.js itself takes 60 ms or less; slower ones in proportion.
  expect(bare).toBeGreaterThan(0);
  expect(own - bare).toBeLessThan(Math.max(100, 1.7 * bare));
});

test('called through a link named kind it is kind', async () => {
  await symlink(program, join(dir, 'kind'));
  const { stdout } = await promisify(execFile)(join(dir, 'kind'), ['--version']);
  expect(stdout).toBe('kind version 0.33.0\n');
});

describe('streams and signals', () => {
  test('a reader that goes away is no failure', async () => {
    const child = start(['config', 'schema']);
    child.stdout?.destroy();
    expect(await end(child)).toEqual({ code: 0, stderr: '' });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the work and the exit code is %d', async (signal, code) => {
    const child = await startWaiting(['get', 'clusters'], 'exec sleep 3');
    child.kill(signal);
    const ended = await end(child);
    expect(ended.stderr).toBe('ERROR: interrupted\n');
    expect(ended.code).toBe(code);
  });

  test('a second Ctrl-C does not wait for the cleaning up', async () => {
    const child = await startWaiting(['delete', 'cluster'], "trap '' TERM INT\nexec sleep 4");
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    for await (const said of child.stderr ?? []) if (String(said).includes('cleaning up')) break;
    const pressed = performance.now();
    child.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
    expect(performance.now() - pressed).toBeLessThan(2000);
  });
});
