import { createHash } from 'node:crypto';
import { access, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { run } from '../../src/exec/run.ts';
import { buildCacheDir } from '../../src/image/build/requirements.ts';
import { ulimitArgs } from '../../src/provider/container/engine.ts';
import { allPodsReady, TestCluster, useHome } from '../support/cluster.ts';
import { FileServer } from '../support/file-server.ts';
import { changedImage, PREFIX, podman, removeTestObjects } from '../support/podman.ts';
import { builtParts, makeReleaseTarball } from '../support/release-tarball.ts';
import { unless } from '../support/unless.ts';

const VERSION = 'v1.36.3';
const home = useHome();
const server = new FileServer();
const image = `localhost/${PREFIX}from-release:1`;
/** What a build takes over from earlier ones; without it these tests would compile for a quarter of an hour. */
const parts = ['debian', 'programs', 'modules', 'stores'];
const noParts = await builtParts(VERSION)
  .then(({ program, tree }) =>
    Promise.all([program('kube-apiserver'), tree('static'), tree('node')].map((path) => access(path))),
  )
  .then(
    () => undefined,
    (error) => `what the node image was built from is not in the cache of this machine: ${error.message}`,
  );
let tarball: string;
let digest: string;

beforeAll(async () => {
  await server.start();
  // What these builds make is not left in the user's cache.
  for (const kind of parts) {
    await mkdir(join(cache(), kind), { recursive: true });
    const names = await readdir(join(buildCacheDir(), kind)).catch(() => []);
    for (const name of names) await symlink(join(buildCacheDir(), kind, name), join(cache(), kind, name));
  }
  tarball = await makeReleaseTarball(VERSION, home.path('release'));
  digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('hex');
});
afterAll(async () => {
  await server.stop();
  await removeTestObjects();
});

const cache = () => join(home.path('cache'), 'kinpod', 'node-image');
// Go keeps its cache beside kinpod's, and without what is in it everything would be compiled anew.
const goCache = await run('go', ['env', 'GOCACHE'], { allowFailure: true }).then(
  ({ stdout }) => stdout,
  () => '',
);
const env = () => ({ ...home.env, XDG_CACHE_HOME: home.path('cache'), GOCACHE: goCache });
const build = (...args: string[]) =>
  home.kinpod(['build', 'node-image', ...args, '--image', image, '-o', 'json'], { env: env(), timeoutMs: 280_000 });

describe('a release in a file', unless(noParts), () => {
  test('becomes a node image with the images that it brings, upon another base', async () => {
    // Without containers' images, which would be in the way.
    const debian = `localhost/${PREFIX}debian:1`;
    await podman(['import', '--quiet', '--change=CMD=["/bin/sh"]', (await builtParts(VERSION)).tree('node'), debian]);
    const base = await changedImage('base', debian, [{ path: '/etc/of-the-base', content: 'here\n' }]);
    const built = await build(tarball, '--base-image', base);
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(built.stdout)).toMatchObject({ image, kubernetesVersion: VERSION });

    const cluster = new TestCluster('from-release', home);
    await cluster.create({
      config: `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{image: "${image}"}]\n`,
    });
    await allPodsReady(cluster);
    expect(await cluster.exec('cat', '/etc/of-the-base', '/kind/version')).toBe(`here\n${VERSION}`);
    await cluster.delete();
  });

  test('is found built the next time, whatever else has the same content', async () => {
    const built = await build('--type', 'file', tarball);
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    const url = server.serve('server.tar.gz', { path: tarball });
    const again = await build(url, '--checksum', `sha512:${digest}`);
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(again.stdout)).toMatchObject({ cached: true, id: JSON.parse(built.stdout).id });
  });

  test('is refused when it is damaged, and when it is something else', async () => {
    await writeFile(`${tarball}.sha256`, `${'0'.repeat(64)}  ${basename(tarball)}\n`);
    const damaged = await build(tarball);
    expect(damaged).toMatchObject({ exitCode: 1, stdout: '' });
    expect(damaged.stderr).toContain('is not what its checksum says');
    const other = await home.write('other.tar.gz', 'no archive');
    expect((await build(other)).stderr).toContain('is not a Kubernetes release for servers');
  });
});

describe('a release at an address', unless(noParts), () => {
  const name = 'kubernetes-server.tar.gz';
  const downloads = () => readdir(join(cache(), 'downloads')).catch(() => [] as string[]);

  test('is verified by the checksum beside it, and not downloaded again while that is the same', async () => {
    const url = server.serve(name, { path: tarball });
    server.serve(`${name}.sha512`, digest);
    server.requests.length = 0;
    const first = await build(url);
    expect(first, first.stderr).toMatchObject({ exitCode: 0 });
    expect(first.stderr).not.toContain('not verified');
    const second = await build(url);
    expect(JSON.parse(second.stdout)).toMatchObject({ cached: true });
    expect(server.requests).toEqual([`GET /${name}.sha512`, `GET /${name}`, `GET /${name}.sha512`]);
  });

  test('is refused when its checksum is another, and not kept', async () => {
    const url = server.serve('bad.tar.gz', { path: tarball });
    server.serve('bad.tar.gz.sha256', '0'.repeat(64));
    const before = await downloads();
    const { exitCode, stdout, stderr } = await build(url);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`ERROR: failed to build node image: ${url} is not what its checksum says`);
    expect(stderr).toContain(`sha256 expected (the file beside it): ${'0'.repeat(64)}`);
    expect(await downloads()).toEqual(before);
  });

  test('is taken without a checksum, as kind does, with a warning that tells how to pin it', async () => {
    const { exitCode, stderr } = await build(server.serve('bare.tar.gz', { path: tarball }));
    expect({ exitCode }, stderr).toEqual({ exitCode: 0 });
    expect(stderr).toMatch(/bare\.tar\.gz has no checksum beside it and was not verified.*--checksum sha512:/);
  });

  test('is downloaded on from where it broke off', async () => {
    const url = server.serve('cut.tar.gz', { path: tarball });
    server.serve('cut.tar.gz.sha512', digest);
    server.cutAfter = 5_000_000;
    const built = await build(url);
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    expect(server.requests.at(-1)).toBe('GET /cut.tar.gz bytes=5000000-');
  });

  test('is not there: that is said, with the address', async () => {
    const url = server.serve('gone.tar.gz', { path: tarball });
    server.remove('gone.tar.gz');
    const { exitCode, stderr } = await build(url);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`ERROR: failed to build node image: ${url} could not be downloaded`);
    expect(stderr).toContain('404');
  });
});

describe('a source directory', unless(noParts), () => {
  test('is compiled, and told by its own version', async () => {
    const { stdout } = await run('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${VERSION}`], { cwd: '/' });
    const tree = home.path(`kubernetes-${VERSION.slice(1)}`);
    await cp((JSON.parse(stdout) as { Dir: string }).Dir, tree, { recursive: true });
    const built = await build('--type', 'source', tree);
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(built.stdout)).toMatchObject({ image, kubernetesVersion: VERSION });
    const limits = ulimitArgs(await cheapFacts(realHost()));
    const version = await podman(['run', '--rm', ...limits, '--entrypoint=/usr/bin/kubelet', image, '--version']);
    expect(version).toBe(`Kubernetes ${VERSION}`);
  });

  test('that is something else is refused', async () => {
    const dir = home.path('something');
    await mkdir(dir);
    expect((await build(dir)).stderr).toContain(`"${dir}" is not a source directory of Kubernetes`);
    expect((await build('--type', 'source')).stderr).toContain(
      'error finding kuberoot: could not find Kubernetes source under current working directory or GOPATH=',
    );
  });
});
