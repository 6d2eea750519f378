import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { abortOnSignals } from '../scripts/abort-on-signals.ts';
import { run } from '../src/exec/run.ts';
import { DEFAULT_KUBERNETES_VERSION, defaultImageName } from '../src/image/build/build-node-image.ts';
import { againstKind, type Contestant, type Measured, measure, podsAgainstContainers } from './contestant.ts';
import { describeImage, removeClusters } from './engine.ts';
import { machine, quiet } from './machine.ts';
import { type Comparison, type Heads, table } from './statistics.ts';

const RULES = `Rules: both programs on one machine, in turn, in one run; Podman; the same Kubernetes ${DEFAULT_KUBERNETES_VERSION} programs and images.
kind's node image has them packed, as upstream's node images have; kinpod's has them unpacked, as its build makes them.
Warm caches: runs that do not count come first. Excluded: building and pulling node images.
Seconds count from the start of the command (create without --wait; delete). Medians (smallest–largest).`;

const RULES_OF_PODS = `Rules: kinpod's clusters with nodes that are Pods of a cluster of one node on Podman, and on Podman itself, in turn, in one run;
the same Kubernetes ${DEFAULT_KUBERNETES_VERSION} and the same node image, which the outer cluster has. That cluster is there all the time.
Warm caches: runs that do not count come first.
Seconds count from the start of the command (create without --wait; delete). Medians (smallest–largest).`;

const HEADS: Heads = { ours: 'kinpod', theirs: 'kind 0.33.0' };
const HEADS_OF_PODS: Heads = { ours: 'in Pods', theirs: 'on Podman' };

const seconds = (title: string, of: (m: Measured) => number | undefined) => ({ title, of, unit: 's' });
const megabytes = (title: string, of: (m: Measured) => number | undefined) => ({ title, of, unit: 'MB' });
const ROWS = [
  seconds('command returns', (m) => m.returned),
  seconds('API server ready (/readyz)', (m) => m.readyz),
  seconds('every node Ready', (m) => m.nodesReady),
  seconds('CoreDNS Ready', (m) => m.corednsReady),
  seconds('every system pod Ready', (m) => m.systemPodsReady),
  seconds('first user pod runs', (m) => m.firstPodRuns),
  seconds('delete', (m) => m.delete),
  seconds('processor time of the nodes', (m) => m.cpuSeconds),
  megabytes('memory of the nodes’ programs', (m) => m.memoryMegabytes),
  megabytes('disk of the first node', (m) => m.diskMegabytes[0]),
  megabytes('disk of the second node', (m) => m.diskMegabytes[1]),
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    nodes: { type: 'string' },
    ha: { type: 'boolean', default: false },
    warmup: { type: 'string', default: '1' },
    only: { type: 'string' },
    runtimes: { type: 'boolean', default: false },
    pods: { type: 'boolean', default: false },
    'kinpod-image': { type: 'string', default: defaultImageName(DEFAULT_KUBERNETES_VERSION) },
    'cri-o-image': { type: 'string', default: defaultImageName(DEFAULT_KUBERNETES_VERSION, 'cri-o') },
    'kind-image': { type: 'string', default: `${defaultImageName(DEFAULT_KUBERNETES_VERSION)}-packed` },
  },
});
const runs = wholeNumber('runs', 1);
const { ha, pods } = values;
const nodes = values.nodes === undefined ? (ha ? 4 : pods ? 2 : 1) : wholeNumber('nodes', ha ? 3 : 1);
const warmup = wholeNumber('warmup', 0);
const images = {
  kinpod: values['kinpod-image'],
  'kinpod-cri-o': values['cri-o-image'],
  kind: values['kind-image'],
};

const signal = abortOnSignals();

try {
  await main();
} catch (error) {
  if (!signal.aborted) throw error;
  say('interrupted: the clusters of the benchmark are removed');
  process.exitCode = 130;
}

async function main(): Promise<void> {
  await run(process.execPath, [fileURLToPath(new URL('../scripts/build.mjs', import.meta.url))], { signal });
  const known: Contestant['name'][] = pods
    ? ['kinpod-pods', 'kinpod']
    : ['kinpod', ...(values.runtimes ? (['kinpod-cri-o'] as const) : []), 'kind'];
  const names = known.filter((name) => values.only === undefined || values.only === name);
  if (names.length === 0) throw new Error(`--only takes ${known.join(' or ')}, not "${values.only}"`);
  const made: string[] = [];
  for (const name of names) made.push(`${name}: ${await imageOf(name)}`);
  const header = [
    pods ? RULES_OF_PODS : RULES,
    '',
    `${await machine()}; ${nodes} node(s) a cluster${ha ? ` (kinpod: 3 control planes behind a load balancer${pods ? '' : '; kind: 1'})` : ''}; ${runs} runs each`,
    ...made,
  ].join('\n');

  await removeClusters();
  const { all, dispose } = await (pods ? podsAgainstContainers : againstKind)({ images, nodes, ha });
  const results: Record<Contestant['name'], Measured[]> = {
    kinpod: [],
    'kinpod-cri-o': [],
    'kinpod-pods': [],
    kind: [],
  };
  let busy = 0;
  try {
    for (let n = 1 - warmup; n <= runs; n++) {
      for (const contestant of all.filter((one) => names.includes(one.name))) {
        const calm = await quiet(signal);
        if (n > 0 && !calm) busy += 1;
        const what = n < 1 ? 'warm-up' : `run ${n} of ${runs}`;
        say(`${what}, ${contestant.name}${calm ? '' : ' (the machine is busy with something else)'}`);
        const onPoint = (point: string, at: number) => say(`  ${point} ${at.toFixed(1)}`);
        const measured = await measure(contestant, { signal, onPoint });
        if (n > 0) results[contestant.name].push(measured);
      }
    }
  } finally {
    await removeClusters();
    await dispose();
  }

  const comparisons = ROWS.map(({ title, unit, of }): Comparison => {
    const series = (list: readonly Measured[]) => list.flatMap((m) => of(m) ?? []);
    const crio = values.runtimes ? { crio: series(results['kinpod-cri-o']) } : {};
    const [ours, theirs] = pods ? [results['kinpod-pods'], results.kinpod] : [results.kinpod, results.kind];
    return { title, unit, ours: series(ours), theirs: series(theirs), ...crio };
  }).filter((row) => row.ours.length + row.theirs.length > 0);
  const note = busy > 0 ? `\n\nThe machine was busy with something else at the start of ${busy} of the runs.` : '';
  process.stdout.write(`${header}\n\n${table(comparisons, pods ? HEADS_OF_PODS : HEADS)}${note}\n`);
  say(`\nall figures: ${await save({ header, images, runs, nodes, ha, pods, warmup, busy, comparisons, results })}`);
}

/** @returns the path of the file */
async function save(figures: object): Promise<string> {
  const date = new Date().toISOString();
  const dir = fileURLToPath(new URL('results', import.meta.url));
  await mkdir(dir, { recursive: true });
  const file = join(dir, `${date.slice(0, 19).replaceAll(':', '')}.json`);
  await writeFile(file, `${JSON.stringify({ date, ...figures }, null, 2)}\n`);
  return file;
}

async function imageOf(name: Contestant['name']): Promise<string> {
  const image = images[name === 'kinpod-pods' ? 'kinpod' : name];
  const description = await describeImage(image);
  if (description) return description;
  const flags = { kinpod: '', 'kinpod-pods': '', 'kinpod-cri-o': ' --runtime cri-o', kind: ' --image-store packed' };
  throw new Error(`the image ${image} is not here; build it: ./kinpod build node-image${flags[name]} --image ${image}`);
}

function wholeNumber(name: 'runs' | 'nodes' | 'warmup', least: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${name} takes a whole number from ${least}, not "${values[name]}"`);
}

/** Progress is talk: stderr. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
