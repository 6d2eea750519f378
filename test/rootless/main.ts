import { appendFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { abortOnSignals } from '../../scripts/abort-on-signals.ts';
import { withLock } from '../../src/exec/lock.ts';
import { run } from '../../src/exec/run.ts';
import { DEFAULT_KUBERNETES_VERSION, defaultImageName } from '../../src/image/build/build-node-image.ts';
import { archiveOf, type ImageArchive } from './archives.ts';
import { cached, LANE_DIR } from './cache.ts';
import { makeDisk } from './disk.ts';
import { liveThrough, type Specimen } from './life.ts';
import { HARDWARE, Machine } from './machine.ts';
import { getQemu } from './qemu.ts';
import { putRecord, type RecordedRun, renderRecord } from './record.ts';
import { Timeline } from './timeline.ts';
import { User } from './user.ts';

/** The machine with the node images in its Podman, and kinpod not there yet. */
const SNAPSHOT = 'prepared';

const { values } = parseArgs({
  options: {
    image: { type: 'string', default: defaultImageName(DEFAULT_KUBERNETES_VERSION) },
    'cri-o-image': { type: 'string', default: `${defaultImageName(DEFAULT_KUBERNETES_VERSION)}-cri-o` },
    only: { type: 'string' },
    'timeout-factor': { type: 'string', default: '10' },
    fresh: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const started = new Date();
await mkdir(LANE_DIR, { recursive: true, mode: 0o700 });
const log = join(LANE_DIR, `log-${started.toISOString().slice(0, 19).replaceAll(':', '')}.txt`);
const say = (line: string) => {
  appendFileSync(log, `${new Date().toISOString().slice(11, 19)} ${line}\n`);
  process.stdout.write(`${line}\n`);
};

// When it aborts, the machine is ended too.
const signal = abortOnSignals();

const skipped: string[] = [];

try {
  // One machine at a time: they would have the same files.
  await withLock(join(LANE_DIR, 'lock'), main, { withinMs: 0 });
} catch (error) {
  say(
    error instanceof Error
      ? `FAILED: ${error.message}\n${(error as { details?: string }).details ?? error.stack}`
      : String(error),
  );
  process.exitCode = 1;
} finally {
  say(`log: ${log}`);
}

async function main(): Promise<void> {
  const timeline = new Timeline(say);
  await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { signal });
  const { specimens, archives } = await find();
  const qemu = await timeline.step('get QEMU', () => getQemu(signal));
  const disk = await timeline.step("make the machine's disk", () => makeDisk(process.execPath, signal));
  const ingredients = { texts: [disk.dir, qemu.version, ...HARDWARE, ...archives.map((a) => a.id)] };
  if (values.fresh) await rm(join(LANE_DIR, 'machine'), { recursive: true, force: true });
  const dir = await cached('machine', ingredients, async (into) => {
    const machine = new Machine({ qemu, disk, archives, dir: into }, signal);
    try {
      await machine.make();
      await timeline.step('boot', () => machine.start());
      // What is in them is public, and only the images' contents.
      await machine.run('root', ['chmod', 'a+r', ...archives.map((_, index) => device(index))]);
      const user = new User(machine, 1, say);
      for (const [index, { reference }] of archives.entries()) {
        await timeline.step(`load ${reference}`, () =>
          user.run(['podman', 'load', '--quiet', '--input', device(index)]),
        );
      }
      await machine.expectNoFaults();
      await timeline.step('keep the machine as it is', () => machine.save(SNAPSHOT));
    } finally {
      await machine.stop();
    }
  });

  const machine = new Machine({ qemu, disk, archives, dir }, signal);
  try {
    await timeline.step('go on from the kept machine', () => machine.start(SNAPSHOT));
    const user = new User(machine, Number(values['timeout-factor']), say);
    const clusters = await useMachine(machine, user, timeline, specimens);
    await machine.expectNoFaults();
    await report({
      date: started,
      host: `${cpus().length} cores (${cpus()[0]?.model.trim()})`,
      versions: [`QEMU ${qemu.version}`, ...disk.packages],
      clusters,
      skipped,
      steps: timeline.steps,
      log: log.replace(homedir(), '~'),
    });
  } finally {
    if (values.keep) say(`the machine runs on: ssh ${machine.sshOptions('u').join(' ')} kinpod-rootless`);
    else await machine.stop();
  }
}

/** Of an archive, in the machine. */
function device(index: number): string {
  return `/dev/vd${String.fromCharCode('b'.charCodeAt(0) + index)}`;
}

/** The clusters that can be tried here, with their images. Those that cannot are named, with the reason. */
async function find(): Promise<{ specimens: Specimen[]; archives: ImageArchive[] }> {
  const wanted = [
    { name: 'containerd', image: values.image, runtime: 'containerd://' },
    { name: 'cri-o', image: values['cri-o-image'], runtime: 'cri-o://' },
  ].filter(({ name }) => values.only === undefined || values.only === name);
  const specimens: Specimen[] = [];
  const archives: ImageArchive[] = [];
  for (const one of wanted) {
    const archive = await archiveOf(one.image, signal);
    if (archive) {
      archives.push(archive);
      specimens.push({ ...one, name: `kpt-rootless-${one.name}` });
    } else {
      skipped.push(
        `skipped: ${one.name}: this host's Podman has no image ${one.image} (kinpod build node-image makes it)`,
      );
      say(skipped.at(-1) ?? '');
    }
  }
  if (specimens.length === 0) throw new Error('there is no node image to try');
  return { specimens, archives };
}

/** @returns what each cluster consisted of */
async function useMachine(
  machine: Machine,
  user: User,
  timeline: Timeline,
  specimens: readonly Specimen[],
): Promise<string[]> {
  await user.receive(root, ['package.json', 'dist', 'images'], signal);
  await user.run(['id']);
  await user.run([
    'podman',
    'info',
    '--format',
    'rootless={{.Host.Security.Rootless}} cgroup={{.Host.CgroupsVersion}} {{.Store.GraphDriverName}} {{.Store.GraphStatus}}',
  ]);
  await user.run(['uname', '-a']);

  // A Debian as it is installed: what kinpod finds amiss it mends by itself, and a login later all is well.
  await timeline.step('check', () => user.kinpod(['check', '--for', 'run']));
  await timeline.step('check --fix', () => user.kinpod(['check', '--for', 'run', '--fix', '--yes']));
  await machine.run('root', ['systemctl', 'restart', 'user@1000.service']);
  await machine.logOut();
  const { stdout } = await user.kinpod(['check', '--for', 'run', '--output', 'json'], { onLine: () => {} });
  const bad = (JSON.parse(stdout) as { results: { status: string; title: string; reason: string }[] }).results.filter(
    (result) => result.status !== 'ok',
  );
  if (bad.length > 0) throw new Error(`check finds, after --fix: ${JSON.stringify(bad)}`);

  const versions: string[] = [];
  for (const specimen of specimens) versions.push(await liveThrough(specimen, user, timeline));
  return versions;
}

async function report(recorded: RecordedRun): Promise<void> {
  const text = renderRecord(recorded);
  say(`\nPASSED\n${text}`);
  if (!values.record) return;
  const page = join(root, 'docs', 'rootless.md');
  await writeFile(page, putRecord(await readFile(page, 'utf8'), text));
}
