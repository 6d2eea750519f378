import { access, appendFile, cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/exec/run.ts';
import { buildCacheDir } from '../../src/image/build/requirements.ts';
import { KINPOD, RunningKinpod, root } from '../support/cli.ts';
import { useHome } from '../support/cluster.ts';
import { added, engineState } from '../support/engine-state.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX, podmanLines, removeTestObjects } from '../support/podman.ts';
import { unless } from '../support/unless.ts';

const home = useHome();
const image = `localhost/${PREFIX}built:1`;
const build = ['build', 'node-image', '--image', image, '-o', 'json'];
/** What the tests of changed images need of earlier builds; without them they would compile Kubernetes. */
const parts = ['debian', 'programs', 'modules', 'stores'];
let before: string[];

/** Why there is nothing here that a build could start from. */
const noParts = await Promise.all(parts.slice(0, 2).map((kind) => access(join(buildCacheDir(), kind)))).then(
  () => undefined,
  () => 'the node image was not built on this machine: it would take ten minutes, not seconds',
);

beforeAll(async () => {
  before = await images();
});
afterEach(() => removeTestObjects());

test('what was built is not built again: the image is found, named and said to be there', async () => {
  const first = await home.kinpod(['build', 'node-image'], { timeoutMs: 280_000 });
  expect(first, first.stderr).toMatchObject({ exitCode: 0, stdout: NODE_IMAGE });
  const second = await home.kinpod(['build', 'node-image']);
  expect(second).toEqual({ exitCode: 0, stdout: NODE_IMAGE, stderr: `${NODE_IMAGE} is up to date` });
  const json = JSON.parse((await home.kinpod(['build', 'node-image', '-o', 'json'])).stdout);
  expect(json).toMatchObject({ image: NODE_IMAGE, cached: true, kubernetesVersion: 'v1.36.3' });
});

test('two builds at once of what is there are both done at once', async () => {
  const both = await Promise.all([home.kinpod(build), home.kinpod(build)]);
  const results = both.map((one) => JSON.parse(one.stdout));
  expect(results).toMatchObject([{ cached: true }, { cached: true }]);
  expect(results[0].id).toBe(results[1].id);
});

describe('an image with a changed file', unless(noParts), () => {
  test('is not left half made by Ctrl-C, and not by a kill', async () => {
    const env = await changedKinpod('interrupted', join('rootfs', 'kind', 'lib', 'log.sh'));
    const interrupted = new RunningKinpod(build, { ...home.env, ...env.env }, env.program);
    await interrupted.hasPrinted('Making');
    interrupted.killGroup('SIGINT');
    expect(await interrupted.ended()).toBe(130);
    expect(interrupted.stderr).toMatch(/^ERROR: interrupted$/m);
    expect(await readdir(join(env.cache, 'tmp')).catch(() => [])).toEqual([]);
    expect(added(before, await images())).toEqual([]);

    const killed = new RunningKinpod(build, { ...home.env, ...env.env }, env.program);
    await killed.hasPrinted('Making');
    killed.killGroup('SIGKILL');
    await killed.ended();
    await killed.orphansEnded();

    // Of two that come then at once, one makes it and the other finds it.
    const both = await Promise.all([0, 1].map(() => home.kinpod(build, { env: env.env, program: env.program })));
    const results = both.map((one) => JSON.parse(one.stdout));
    expect(results.map((one) => one.cached).sort()).toEqual([false, true]);
    expect(results[0].id).toBe(results[1].id);
    expect(both.map((one) => one.stderr).join('\n')).toContain('Another build of a node image is running');
    expect(await readdir(join(env.cache, 'tmp')).catch(() => [])).toEqual([]);
    expect(added(before, await images())).toEqual([`image ${image}`]);
  });

  test('is not made on a full disk, which is said, and nothing is left', async ({ skip }) => {
    skip(getuid?.() !== 0, 'only root may mount a small disk');
    const disk = home.path('disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const changed = await changedKinpod('full', join('runtimes', 'containerd', 'store-images.sh'), disk);
      const state = await engineState();
      const { env, program } = changed;
      const { exitCode, stdout, stderr } = await home.kinpod(build, { env: { ...env, TMPDIR: disk }, program });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain('ERROR: failed to build node image: the disk is full: the node image was not built');
      expect(stderr).toContain(`make room at ${changed.cache} or `);
      expect(stderr).not.toContain('This is a bug');
      expect(await readdir(join(changed.cache, 'tmp')).catch(() => [])).toEqual([]);
      expect(added(state, await engineState())).toEqual([]);
      expect(added(before, await images())).toEqual([]);
    } finally {
      await run('umount', [disk]);
    }
  });
});

interface ChangedKinpod {
  /** Path of the program. */
  program: string;
  env: Record<string, string>;
  /** Where it keeps what it builds. */
  cache: string;
}

/**
 * A kinpod of which one file under images/node is another, so that its node image is not there yet. It has a cache of its own,
 * in which the parts that earlier builds made are links.
 * @param cacheHome default: a new directory
 */
async function changedKinpod(
  name: string,
  file: string,
  cacheHome = home.path(`${name}-cache`),
): Promise<ChangedKinpod> {
  const dir = home.path(name);
  await cp(join(root, 'images'), join(dir, 'images'), { recursive: true });
  await cp(dirname(KINPOD), join(dir, 'dist'), { recursive: true });
  const program = join(dir, 'dist', 'kinpod.js');
  await appendFile(join(dir, 'images', 'node', file), `# changed by a test: ${name}\n`);
  const cache = join(cacheHome, 'kinpod', 'node-image');
  await mkdir(cache, { recursive: true });
  for (const kind of parts) await symlink(join(buildCacheDir(), kind), join(cache, kind));
  return { program, env: { XDG_CACHE_HOME: cacheHome }, cache };
}

/** Images and their names, without those that other tests on this machine make. */
async function images(): Promise<string[]> {
  const all = await podmanLines('images', '--format', 'image {{.Repository}}:{{.Tag}}');
  return all.filter((one) => !one.includes('kpt-') || one.includes(PREFIX));
}
