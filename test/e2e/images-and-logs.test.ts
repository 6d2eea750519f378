import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/exec/run.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  dockerArchive,
  type MadeImage,
  makeImage,
  multiPlatformArchive,
  OTHER_ARCH,
} from '../support/image-archives.ts';
import { type Kind, prepareKind, whyNoKind } from '../support/kind.ts';
import { PREFIX, podman } from '../support/podman.ts';
import { RUNTIME } from '../support/runtime.ts';

const cluster = useCluster('images');
const noKind = await whyNoKind();
let kind: Kind | undefined;
let replaced: string | undefined;
/** A static program that sleeps: busybox, which the node image has for its own pods. */
let busybox: Uint8Array;

beforeAll(async () => {
  const [path = ''] = (await cluster.exec('find', '/kind/seed', '-name', 'busybox', '-type', 'f')).split('\n');
  await podman(['cp', `${cluster.node}:${path}`, cluster.home.path('busybox')]);
  busybox = await readFile(cluster.home.path('busybox'));
  if (noKind === undefined) kind = await prepareKind(cluster.home.path('.'), cluster.home.kubeconfig);
});
afterAll(async () => {
  await kind?.dispose();
  // The one whose name another image took has no name left by which it would be removed.
  if (replaced) await podman(['rmi', '--force', replaced]);
});

const image = (text: string, arch?: string) => makeImage(busybox, ['sleep', '3600'], text, arch);

async function archive(name: string, data: Uint8Array): Promise<string> {
  await writeFile(cluster.home.path(name), data);
  return cluster.home.path(name);
}

/** Take an image into Podman's store under a name. */
async function intoPodman(name: string, made: MadeImage): Promise<string> {
  const file = await archive('for-podman.tar', await dockerArchive([{ name, image: made }]));
  await podman(['load', '--quiet', '--input', file]);
  return name;
}

interface CriImage {
  id: string;
  repoTags: string[];
}

async function inNode(id: string): Promise<CriImage | undefined> {
  const { images } = JSON.parse(await cluster.exec('crictl', 'images', '--output', 'json')) as { images: CriImage[] };
  // CRI-O leaves out the algorithm.
  return images.find((one) => one.id.replace(/^(?!sha256:)/, 'sha256:') === id);
}

/** Run a pod from an image that the node must have: no registry could send it. */
async function runs(pod: string, reference: string): Promise<void> {
  await cluster.kubectl(['run', pod, `--image=${reference}`, '--image-pull-policy=IfNotPresent', '--restart=Never']);
  await cluster.waitFor('wait', '--for=condition=Ready', `pod/${pod}`);
  await cluster.kubectl(['delete', 'pod', pod, '--now', '--wait=false']);
}

describe('load docker-image', () => {
  let one: MadeImage;
  const [first, second] = [`localhost/${PREFIX}app:1`, `localhost/${PREFIX}db:7`];

  beforeAll(async () => {
    one = await image('app 1');
    await intoPodman(first, one);
    await intoPodman(second, await image('db 7'));
  });

  test("loads several images of Podman's store, under Podman's names", async () => {
    const { exitCode, stdout, stderr } = await cluster.kinpod(['load', 'docker-image', first, second]);
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: '' });
    expect(stderr).toContain(
      `Image: "${first}" with ID "${one.id}" not yet present on node "${cluster.node}", loading...`,
    );
    expect(stderr).toMatch(/Loaded 2 images from podman into 1 node: [\d.]+ MB in [\d.]+ s/);
    expect((await inNode(one.id))?.repoTags).toEqual([first]);
    await runs('podmans-name', first);
  });

  test('leaves out what is there', async () => {
    const { exitCode, stderr } = await cluster.kinpod(['load', 'docker-image', first]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `Image: "${first}" with ID "${one.id}" found to be already present on all nodes.`,
    });
  });

  test('makes a short name usable in a pod as it is', async () => {
    const { exitCode, stderr } = await cluster.kinpod(['load', 'docker-image', `${PREFIX}app:1`]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    // The image was there: only its name was not.
    expect(stderr).toContain('is missing the tag docker.io/library/');
    expect(stderr).not.toContain('Loading');
    expect((await inNode(one.id))?.repoTags.toSorted()).toEqual([`docker.io/library/${PREFIX}app:1`, first]);
    await runs('short-name', `${PREFIX}app:1`);
  });

  test('takes the place of an image that had the name', async () => {
    const rebuilt = await image('app 1 again');
    replaced = one.id;
    await intoPodman(first, rebuilt);
    const { exitCode, stdout } = await cluster.kinpod(['load', 'docker-image', first, '-o', 'json']);
    expect({ exitCode, loaded: JSON.parse(stdout) }).toEqual({ exitCode: 0, loaded: { [cluster.node]: [first] } });
    expect((await inNode(rebuilt.id))?.repoTags).toEqual([first]);
    expect((await inNode(one.id))?.repoTags).not.toContain(first);
  });

  test('takes an ID for all names of the image', async () => {
    const third = await image('named by its ID');
    const name = await intoPodman(`localhost/${PREFIX}third:1`, third);
    const { exitCode, stderr } = await cluster.kinpod(['load', 'docker-image', third.id.slice(7, 19)]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect((await inNode(third.id))?.repoTags).toEqual([name]);
  });

  test("fails in kind's words", async () => {
    const errors = async (...args: string[]) => {
      const { exitCode, stderr } = await cluster.home.kinpod(['load', 'docker-image', ...args]);
      expect(exitCode).toBe(1);
      return stderr;
    };
    expect(await errors('missing:1', '--name', cluster.name)).toMatch(
      /^ERROR: image: "missing:1" not present locally\n {2}podman: /,
    );
    expect(await errors(first, '--name', `${PREFIX}none`)).toContain(
      `ERROR: no nodes found for cluster "${PREFIX}none"\n`,
    );
    expect(await errors(first, '--name', cluster.name, '--nodes', `${cluster.node},other`)).toContain(
      'ERROR: unknown node: "other"\n',
    );
    expect(await errors('--name', cluster.name)).toContain('ERROR: a list of image names is required\n');
  });
});

describe('load image-archive', () => {
  const load = (...args: string[]) => cluster.kinpod(['load', 'image-archive', ...args]);

  test('loads all images of all archives, compressed or not, under full names', async () => {
    const [a, b, c] = await Promise.all([image('a'), image('b'), image('c')]);
    const several = await archive(
      'several.tar',
      await dockerArchive([
        { name: `${PREFIX}a:1`, image: a },
        { name: `example.com/${PREFIX}b:1`, image: b },
      ]),
    );
    const zipped = await archive('c.tar.gz', gzipSync(await dockerArchive([{ name: `org/${PREFIX}c:1`, image: c }])));
    const { exitCode, stderr } = await load(several, zipped);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect((await inNode(a.id))?.repoTags).toEqual([`docker.io/library/${PREFIX}a:1`]);
    expect((await inNode(b.id))?.repoTags).toEqual([`example.com/${PREFIX}b:1`]);
    expect((await inNode(c.id))?.repoTags).toEqual([`docker.io/org/${PREFIX}c:1`]);
    await runs('from-archive', `org/${PREFIX}c:1`);

    const again = await load(several, zipped);
    expect({ exitCode: again.exitCode, loading: again.stderr.includes('Loading') }).toEqual({
      exitCode: 0,
      loading: false,
    });
  });

  test("loads this platform of an image whose other platforms' blobs are missing", async () => {
    const [own, other] = await Promise.all([image('multi'), image('multi', OTHER_ARCH)]);
    const name = `docker.io/library/${PREFIX}multi:1`;
    const file = await archive('multi.tar', await multiPlatformArchive(name, [own], [other]));
    const { exitCode, stderr } = await load(file);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await inNode(own.id)).toMatchObject({ repoTags: [name] });
    await runs('multi-platform', `${PREFIX}multi:1`);
    expect((await load(file)).stderr).toContain('found to be already present on all nodes.');
  });

  test('says what is missing where that is the own platform', async () => {
    const [own, other] = await Promise.all([image('lost'), image('lost', OTHER_ARCH)]);
    const name = `docker.io/library/${PREFIX}lost:1`;
    const { exitCode, stderr } = await load(
      await archive('lost.tar', await multiPlatformArchive(name, [other], [own])),
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`does not have all of the image "${name}"`);
    expect(stderr).toContain(`missing: ${own.manifest.digest}`);
  });

  test('warns of an image that is only for another platform', async () => {
    const other = await image('foreign', OTHER_ARCH);
    const file = await archive('foreign.tar', await dockerArchive([{ name: `${PREFIX}foreign:1`, image: other }]));
    const { exitCode, stderr } = await load(file);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain(`is for linux/${OTHER_ARCH}`);
    expect(await inNode(other.id)).toBeDefined();
  });

  test('loads an image without a name, and says that pods need one', async () => {
    const unnamed = await image('unnamed');
    const { exitCode, stderr } = await load(await archive('unnamed.tar', await dockerArchive([{ image: unnamed }])));
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain('has no name');
    expect(await inNode(unnamed.id)).toBeDefined();
  });

  test('reads stdin and leaves nothing behind', async () => {
    const piped = await image('piped');
    const file = await archive('piped.tar', await dockerArchive([{ name: `${PREFIX}piped:1`, image: piped }]));
    const TMPDIR = cluster.home.path('.');
    const script = `${process.execPath} dist/kinpod.js load image-archive - --name ${cluster.name} <${file}`;
    await run('sh', ['-c', script], { env: { ...cluster.home.env, TMPDIR } });
    expect(await inNode(piped.id)).toBeDefined();
    expect((await readdir(TMPDIR)).filter((name) => name.startsWith('kinpod-archive'))).toEqual([]);
  });

  test('fails in words that help', async () => {
    const whole = await dockerArchive([{ name: `${PREFIX}cut:1`, image: await image('cut') }]);
    const failures = {
      [cluster.home.path('missing.tar')]: 'missing.tar: no such file or directory',
      [await archive('text.tar', Buffer.from('this is no archive'))]: 'text.tar is not an image archive',
      [await archive('cut.tar.gz', gzipSync(whole).subarray(0, 500_000))]: 'cut.tar.gz cannot be decompressed',
      [await archive('cut.tar', whole.subarray(0, whole.length / 2))]: 'cut.tar is not an image archive',
    };
    for (const [file, message] of Object.entries(failures)) {
      const { exitCode, stderr } = await load(file);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(message) });
    }
  });
});

describe('export logs', () => {
  /** Paths below a directory, without what changes while logs are written: the journal's files and old logs of containers. */
  async function layout(dir: string): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
      .filter((path) => !/\/journal\/|\/\d+\.log\.\d/.test(path))
      .sort();
  }

  test('writes what kind writes, where kind writes it, and a summary', async ({ skip }) => {
    skip(kind === undefined, noKind);
    const [own, kinds] = [cluster.home.path('logs'), cluster.home.path('kinds-logs')];
    const { exitCode, stdout, stderr } = await cluster.kinpod(['export', 'logs', own]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: own,
      stderr: `Exporting logs for cluster "${cluster.name}" to:`,
    });
    const theirs = await kind?.run(['export', 'logs', kinds, '--name', cluster.name]);
    expect(theirs?.exitCode).toBe(0);
    const ofKind = (await layout(kinds)).map((path) => path.replace('containerd.log', RUNTIME.logFile));
    expect(await layout(own)).toEqual([...ofKind, 'summary.txt'].sort());
    const read = (path: string) => readFile(join(own, cluster.node, path), 'utf8');
    expect(await read('kubelet.log')).toContain('kubelet[');
    expect(await read(RUNTIME.logFile)).toContain(RUNTIME.name === 'cri-o' ? 'crio[' : 'containerd[');
    expect(await read('images.log')).toContain('registry.k8s.io/pause');
    expect(JSON.parse(await read('inspect.json'))).toMatchObject([{ Name: cluster.node }]);
    expect(await read('kubernetes-version.txt')).toMatch(/^v1\./);
  });

  test('says in the summary which pods do not run and what was restarted', async () => {
    await cluster.kubectl(['run', 'stuck', '--image=registry.invalid/none:1']);
    const crashing = ['--image', `docker.io/library/${PREFIX}multi:1`, '--command', '--', '/busybox', 'false'];
    await cluster.kubectl(['run', 'crashing', ...crashing]);
    const of = (pod: string, field: string) =>
      cluster.kubectl(['get', 'pod', pod, '-o', `jsonpath={.status.containerStatuses[0].${field}}`]);
    await eventually(
      async () =>
        Number(await of('crashing', 'restartCount')) > 0 && /Image/.test(await of('stuck', 'state.waiting.reason')),
      { withinMs: 60_000, everyMs: 500, what: 'one pod to crash and the other to miss its image' },
    );
    const { stdout: dir } = await cluster.kinpod(['export', 'logs'], { env: { TMPDIR: cluster.home.path('.') } });
    const summary = await readFile(join(dir, 'summary.txt'), 'utf8');
    expect(summary).toContain(`${cluster.node} (control-plane): running, Ready v1.`);
    expect(summary).toMatch(
      new RegExp(`default/stuck on ${cluster.node}: Pending; stuck: (ErrImagePull|ImagePullBackOff)`),
    );
    expect(summary).toMatch(/default\/crashing: crashing \d+ restarts?, last ended with Error \(exit code 1\)/);
    expect(summary).toContain('Not collected\n  nothing is missing');
  });

  test('collects what there is of a stopped node, and says what is not', async () => {
    await podman(['stop', '--time', '0', cluster.node]);
    const dir = cluster.home.path('stopped');
    const { exitCode, stdout, stderr } = await cluster.kinpod(['export', 'logs', dir]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: dir });
    expect(stderr).toContain(`WARNING: not collected: ${cluster.node}: the node is stopped`);
    const files = await layout(dir);
    expect(files).toContain(`${cluster.node}/inspect.json`);
    expect(files).toContain(`${cluster.node}/serial.log`);
    expect(files).toContainEqual(expect.stringMatching(/\/pods\/kube-system_etcd-.*\/0\.log$/));
    const summary = await readFile(join(dir, 'summary.txt'), 'utf8');
    expect(summary).toContain(`${cluster.node} (control-plane): stopped`);
    expect(summary).toContain('the API server did not answer: no control-plane node is running');
  });

  test('refuses an unknown cluster in kind’s words', async () => {
    const { exitCode, stdout, stderr } = await cluster.home.kinpod(['export', 'logs', '--name', `${PREFIX}none`]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`ERROR: unknown cluster "${PREFIX}none"\n`);
  });
});
