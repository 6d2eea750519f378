import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileServer } from '../../../test/support/file-server.ts';
import { run } from '../../exec/run.ts';
import { silent } from '../../progress/progress.ts';
import { BuildAssets } from './assets.ts';
import { parseChecksum } from './checksum.ts';
import type { SourceWork } from './kubernetes-source.ts';
import { ciSource, urlSource } from './source-url.ts';
import { TimedSteps } from './timings.ts';
import { keyOf, Workspace } from './workspace.ts';

let dir: string;
let tarball: string;
let sha512: string;
let work: SourceWork;
let warnings: string[];
const server = new FileServer();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-url-'));
  warnings = [];
  work = {
    assets: new BuildAssets(dir),
    workspace: new Workspace(join(dir, 'cache')),
    steps: await TimedSteps.open(silent, dir),
    go: 'go1.26.8',
    arch: 'amd64',
    warn: (line) => warnings.push(line),
  };
  await work.workspace.open();
  // A release as far as its version is looked for, and large enough to break off.
  await mkdir(join(dir, 'kubernetes'));
  await writeFile(join(dir, 'kubernetes', 'version'), 'v1.36.3\n');
  await writeFile(join(dir, 'kubernetes', 'filling'), Buffer.alloc(1_000_000, 'x'));
  tarball = join(dir, 'server.tar');
  await run('tar', ['--create', '--file', tarball, '--directory', dir, 'kubernetes/version', 'kubernetes/filling']);
  sha512 = createHash('sha512')
    .update(await readFile(tarball))
    .digest('hex');
  await server.start();
});
afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

const serve = (name: string) => server.serve(name, { path: tarball });
const downloads = () => readdir(join(dir, 'cache', 'downloads')).catch(() => []);
const part = (url: string) => join(dir, 'cache', 'downloads', `${keyOf(url).slice(0, 32)}.part`);

test('a release is known by its content, wherever it came from', async () => {
  const one = await urlSource(serve('1.tar'), parseChecksum(sha512)).identify(work);
  const two = await urlSource(serve('2.tar'), undefined).identify(work);
  expect(one).toMatchObject({ version: 'v1.36.3', images: 'archives' });
  expect(two.key).toBe(one.key);
  expect(warnings).toEqual([expect.stringContaining(`--checksum sha512:${sha512}`)]);
});

test('one that fits the checksum beside it is not downloaded twice', async () => {
  const url = serve('x.tar');
  server.serve('x.tar.sha512', `${sha512}  x.tar\n`);
  await urlSource(url, undefined).identify(work);
  await urlSource(url, undefined).identify(work);
  expect(server.requests).toEqual(['GET /x.tar.sha512', 'GET /x.tar', 'GET /x.tar.sha512']);
  expect(warnings).toEqual([]);
});

test('one that does not fit is refused and not kept', async () => {
  const url = serve('x.tar');
  server.serve('x.tar.sha256', '0'.repeat(64));
  await expect(urlSource(url, undefined).identify(work)).rejects.toMatchObject({ code: 'checksum-mismatch' });
  expect(await downloads()).toEqual([]);
});

test('a query of an address stays behind the name of the checksum', async () => {
  server.serve('x.tar.sha512?token=1', sha512);
  const url = server.serve('x.tar?token=1', { path: tarball });
  await urlSource(url, undefined).identify(work);
  expect(warnings).toEqual([]);
});

test('a download that breaks off goes on from there', async () => {
  server.cutAfter = 300_000;
  await urlSource(serve('x.tar'), parseChecksum(sha512)).identify(work);
  expect(server.requests).toEqual(['GET /x.tar', 'GET /x.tar bytes=300000-']);
});

test('a build that was ended in the middle of a download leaves what the next one goes on from', async () => {
  const url = serve('x.tar');
  await writeFile(part(url), (await readFile(tarball)).subarray(0, 400_000));
  await urlSource(url, parseChecksum(sha512)).identify(work);
  expect(server.requests).toEqual(['GET /x.tar bytes=400000-']);
});

test.each([
  ['shorter', 400_000],
  ['longer', 2_000_000],
])('what was begun when the server had another, %s file is thrown away', async (_, size) => {
  const url = serve('x.tar');
  await writeFile(part(url), Buffer.alloc(size, 'old'));
  await urlSource(url, parseChecksum(sha512)).identify(work);
  expect(server.requests.at(-1)).toBe('GET /x.tar');
});

test('an address that leads nowhere is said with what the server answers', async () => {
  const url = serve('x.tar');
  server.remove('x.tar');
  await expect(urlSource(url, undefined).identify(work)).rejects.toMatchObject({
    code: 'download-failed',
    message: `${url} could not be downloaded`,
    details: expect.stringContaining('404'),
  });
});

test("a marker of Kubernetes' CI leads to a build", async () => {
  const base = new URL(server.serve('ci/latest-1.36.txt', 'v1.36.4-rc.0.5+abc\n')).origin;
  serve('ci/v1.36.4-rc.0.5+abc/kubernetes-server-linux-amd64.tar.gz');
  await ciSource('ci/latest-1.36', parseChecksum(sha512), base).identify(work);
  expect(server.requests).toHaveLength(2);
  await expect(ciSource('ci/nothing', undefined, base).identify(work)).rejects.toMatchObject({
    message: `error resolving CI version from ${base}/ci/nothing.txt`,
  });
});
