import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { podman } from './engine.ts';

/** `2 cores (Intel …), 24 GiB, Linux 6.18.0, Podman 4.3.1, Node.js v20.20.0` */
export async function machine(): Promise<string> {
  const processors = cpus();
  const engine = (await podman('--version')).replace('podman version', 'Podman');
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = processors[0]?.model.trim() ?? 'unknown';
  return `${processors.length} cores (${model}), ${memory} GiB, Linux ${release()}, ${engine}, Node.js ${process.version}`;
}

/** Part of the processors that may be busy where a run begins. */
const BUSY = 0.2;
const SAMPLE_MS = 1_000;
const SAMPLES = 20;

/**
 * Wait until the machine has nothing else to do, so that what one program has left running is not counted against the other.
 * @returns whether it came to that within 20 s
 */
export async function quiet(signal: AbortSignal): Promise<boolean> {
  let before = await processorTimes();
  for (let sample = 0; sample < SAMPLES; sample++) {
    await sleep(SAMPLE_MS, undefined, { signal });
    const now = await processorTimes();
    if ((now.busy - before.busy) / (now.all - before.all) < BUSY) return true;
    before = now;
  }
  return false;
}

/** Ticks of all processors since the machine was started. */
async function processorTimes(): Promise<{ busy: number; all: number }> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  // cpu user nice system idle iowait irq softirq steal …
  const ticks = first.split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((total, one) => total + one, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}
