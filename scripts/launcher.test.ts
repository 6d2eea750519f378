import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A clone with the real launcher, and an npm and a build of the test's own that write down that they ran. */
let clone: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'kinpod-launcher-'));
  for (const dir of ['src', 'scripts', 'bin']) await mkdir(join(clone, dir));
  await copyFile(join(root, 'kinpod'), join(clone, 'kinpod'));
  for (const file of ['package.json', 'package-lock.json', 'src/a.ts', 'src/b.ts'])
    await writeFile(join(clone, file), '{}');
  await program(
    'npm',
    `#!/bin/sh
[ "$FAIL" = npm ] && { echo "npm says no"; exit 1; }
echo install >>"${clone}/ran"
sleep 0.2
mkdir -p "${clone}/node_modules"
cp "${clone}/package-lock.json" "${clone}/node_modules/.package-lock.json"
`,
  );
  await writeFile(
    join(clone, 'scripts/build.mjs'),
    `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
if (process.env.FAIL === 'build') { console.error('build says no'); process.exit(1); }
appendFileSync('${clone}/ran', 'build\\n');
mkdirSync('${clone}/dist', { recursive: true });
writeFileSync('${clone}/dist/kinpod.js', 'console.log(JSON.stringify(process.argv.slice(2))); process.exit(7);');
`,
  );
  // The sources are older than anything that a launch makes.
  for (const file of ['package.json', 'package-lock.json', 'src/a.ts', 'src/b.ts', 'src', 'scripts/build.mjs'])
    await age(file);
});
afterEach(() => rm(clone, { recursive: true }));

async function program(name: string, text: string): Promise<void> {
  await writeFile(join(clone, 'bin', name), text);
  await chmod(join(clone, 'bin', name), 0o755);
}

async function age(file: string, seconds = -60): Promise<void> {
  const time = Date.now() / 1000 + seconds;
  await utimes(join(clone, file), time, time);
}

async function launch(args: string[] = [], env: NodeJS.ProcessEnv = {}, path = join(clone, 'kinpod')) {
  const environment = { ...process.env, PATH: `${join(clone, 'bin')}:${process.env.PATH}`, ...env };
  const running = promisify(execFile)(path, args, { env: environment, cwd: tmpdir(), timeout: 60_000 });
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code as number, stdout: error.stdout as string, stderr: error.stderr as string }),
  );
}

const ran = async () => (await readFile(join(clone, 'ran'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

const setUp = 'kinpod: installing dependencies (npm ci)\nkinpod: building\n';

describe('the launcher', () => {
  test('sets a fresh clone up with a line for each thing it does, then passes arguments and exit code on', async () => {
    expect(await launch(['a b', '--c', ''])).toEqual({ code: 7, stdout: '["a b","--c",""]\n', stderr: setUp });
    expect(await ran()).toEqual(['install', 'build']);
  });

  test('is silent and does nothing when all is up to date', async () => {
    await launch();
    expect(await launch()).toEqual({ code: 7, stdout: '[]\n', stderr: '' });
    expect(await ran()).toEqual(['install', 'build']);
  });

  test.each([
    ['a source file changed', async () => age('src/a.ts', 60), 'kinpod: building\n'],
    [
      'a source file was removed',
      async () => rm(join(clone, 'src/b.ts')).then(() => age('src', 60)),
      'kinpod: building\n',
    ],
    ['a test changed', async () => writeFile(join(clone, 'src/a.test.ts'), '').then(() => age('src')), ''],
    ['the lock file was only touched', async () => age('package-lock.json', 60), 'kinpod: building\n'],
    [
      'the lock file changed',
      async () => writeFile(join(clone, 'package-lock.json'), '{"a":1}').then(() => age('package-lock.json', 60)),
      setUp,
    ],
    [
      'the dependencies are gone',
      async () => rm(join(clone, 'node_modules'), { recursive: true }),
      'kinpod: installing dependencies (npm ci)\n',
    ],
  ])('when %s', async (_what, change, said) => {
    await launch();
    await change();
    expect((await launch()).stderr).toBe(said);
  });

  test('sets up once where two are launched at the same time', async () => {
    const both = await Promise.all([launch(), launch()]);
    expect(both.map((one) => one.code)).toEqual([7, 7]);
    expect(await ran()).toEqual(['install', 'build']);
  });

  test('takes over from one that was killed while it set up', async () => {
    const lock = join(clone, '.kinpod-launcher.lock');
    await mkdir(lock);
    // No process has this number: it is above the kernel's highest.
    await writeFile(join(lock, 'pid'), '99999999\n');
    expect(await launch()).toMatchObject({ code: 7, stderr: setUp });
  });

  test.each(['npm', 'build'])('shows the output of a failed %s, and can be launched again', async (what) => {
    const failed = await launch([], { FAIL: what });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(`${what} says no`);
    expect((await launch()).code).toBe(7);
  });

  test('works through a link and from anywhere', async () => {
    await symlink('../kinpod', join(clone, 'bin', 'linked'));
    expect((await launch(['x'], {}, join(clone, 'bin', 'linked'))).stdout).toBe('["x"]\n');
  });

  test('says which Node.js is needed where it is too old', async () => {
    await program('node', '#!/bin/sh\n[ "$1" = --version ] && { echo v18.19.0; exit 0; }\nexit 1\n');
    const { code, stderr } = await launch();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kinpod: Node\.js 20\.20 or newer is needed, and .*node is v18\.19\.0\./);
  });
});
