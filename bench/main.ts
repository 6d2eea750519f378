import { mkdir, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../src/exec/run.ts';
import { DEFAULT_KUBERNETES_VERSION, defaultImageName } from '../src/image/build/build-node-image.ts';
import { contestants, type Measured, machine, measure } from './contestant.ts';
import { type Comparison, table } from './statistics.ts';

const RULES = `Rules: both programs on one machine, in turn, in one run; Podman, one control-plane node; the same Kubernetes ${DEFAULT_KUBERNETES_VERSION}
programs and images. kind's node image has them packed, as upstream's node images have; kinpod's has them unpacked.
One run of each before the counted ones, so caches are warm. Excluded: building and pulling node images.
Seconds count from the start of the command. Medians (smallest–largest).`;

const ROWS: [keyof Measured, title: string, unit: string][] = [
  ['returned', 'command returns', 's'],
  ['readyz', 'API server ready (/readyz)', 's'],
  ['node', 'node Ready', 's'],
  ['coredns', 'CoreDNS Ready', 's'],
  ['systemPods', 'every system pod Ready', 's'],
  ['firstPod', 'first user pod runs', 's'],
  ['delete', 'delete', 's'],
  ['cpuSeconds', 'processor time of the node', 's'],
  ['diskMegabytes', 'disk of a node', 'MB'],
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    'kinpod-image': { type: 'string', default: defaultImageName(DEFAULT_KUBERNETES_VERSION) },
    'kind-image': { type: 'string', default: `${defaultImageName(DEFAULT_KUBERNETES_VERSION)}-packed` },
  },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number from 1, not "${values.runs}"`);
const images = { kinpod: values['kinpod-image'], kind: values['kind-image'] };

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort(new Error('interrupted')));

const say = (line: string) => process.stderr.write(`${line}\n`);
for (const image of Object.values(images)) {
  const { exitCode } = await run('podman', ['image', 'exists', image], { allowFailure: true });
  if (exitCode !== 0) {
    const packed = image === images.kind ? ' --image-store packed' : '';
    throw new Error(`the image ${image} is not here; build it: ./kinpod build node-image${packed} --image ${image}`);
  }
}
const { all, dispose } = await contestants(images);
const results: Record<string, Measured[]> = { kinpod: [], kind: [] };
try {
  for (let n = 0; n <= runs; n++) {
    for (const contestant of all) {
      const measured = await measure(contestant, interrupted.signal);
      const what = n === 0 ? 'warm-up' : `run ${n} of ${runs}`;
      const figures = ROWS.map(([key, title]) => `${title} ${measured[key].toFixed(1)}`).join(', ');
      say(`${what}, ${contestant.name}: ${figures}`);
      if (n > 0) results[contestant.name]?.push(measured);
    }
  }
} finally {
  await dispose();
}

const comparisons = ROWS.map(([key, title, unit]): Comparison => {
  const series = (name: string) => (results[name] ?? []).map((m) => m[key]);
  return { title, unit, kinpod: series('kinpod'), kind: series('kind') };
});
const date = new Date().toISOString();
const dir = fileURLToPath(new URL('results', import.meta.url));
await mkdir(dir, { recursive: true });
const file = join(dir, `${date.slice(0, 19).replaceAll(':', '')}.json`);
await writeFile(
  file,
  `${JSON.stringify({ date, machine: machine(), kernel: release(), images, runs, results }, null, 2)}\n`,
);
process.stdout.write(`${RULES}\n\n${machine()}; ${runs} runs each\n\n${table(comparisons)}\n`);
say(`\nall figures: ${file}`);
