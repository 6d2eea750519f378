import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '../../progress/progress.ts';

/** Seconds that the parts of a build took with empty caches on two cores of 2024, with Debian's and Go's mirrors nearby. */
const USUAL_SECONDS: Readonly<Record<string, number>> = {
  'debian-node': 35,
  'debian-kube-proxy': 6,
  'debian-static': 3,
  'debian-c-library': 5,
  'compile-etcd': 40,
  'compile-containerd': 60,
  'compile-programs': 5,
  'compile-cri-o': 100,
  'compile-cri-tools': 28,
  'compile-kubernetes': 320,
  'compile-agnhost': 60,
  'compile-tree': 320,
  'compile-coredns': 90,
  'compile-local-path-provisioner': 57,
  'unpack-release': 20,
  'base-image': 15,
  'container-images': 6,
  'node-base': 15,
  'image-store': 12,
  'node-image': 15,
};

/** Cores that {@link USUAL_SECONDS} were measured with. */
const USUAL_CORES = 2;

/** What compiles uses every core; the rest is as fast on one. */
const scalesWithCores = (part: string) => part.startsWith('compile-');

/** What a part will take: as long as it took here last time, else as long as it usually takes. Undefined where nobody knows. */
export function expectedSeconds(
  part: string,
  recorded: Readonly<Record<string, number>>,
  cores: number = availableParallelism(),
): number | undefined {
  const usual = USUAL_SECONDS[part];
  if (recorded[part] !== undefined) return recorded[part];
  if (usual === undefined) return undefined;
  return scalesWithCores(part) ? Math.ceil((usual * USUAL_CORES) / Math.max(cores, 1)) : usual;
}

/**
 * What to remember of a part. Compiling what Go's own cache has is quick and tells nothing of the next time, so the longest
 * time counts there.
 */
export function remembered(part: string, before: number | undefined, seconds: number): number {
  const took = Math.max(1, Math.round(seconds));
  return scalesWithCores(part) ? Math.max(before ?? 0, took) : took;
}

/** `40s`, `5m20s` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}

/** Shows the parts of a build with the time that each will take, and remembers how long each took. */
export class TimedSteps {
  readonly #progress: Progress;
  readonly #file: string;
  readonly #recorded: Record<string, number>;

  private constructor(progress: Progress, file: string, recorded: Record<string, number>) {
    this.#progress = progress;
    this.#file = file;
    this.#recorded = recorded;
  }

  /** @param cache the directory that keeps the durations */
  static async open(progress: Progress, cache: string): Promise<TimedSteps> {
    return new TimedSteps(progress, durationsFile(cache), await readDurations(cache));
  }

  async run<T>(part: string, title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const expected = expectedSeconds(part, this.#recorded);
    const step = this.#progress.step(expected === undefined ? title : `${title} (about ${duration(expected)})`);
    const started = performance.now();
    try {
      const result = await work((text) => step.detail(text));
      step.done();
      this.#recorded[part] = remembered(part, this.#recorded[part], (performance.now() - started) / 1000);
      await writeFile(this.#file, JSON.stringify(this.#recorded, undefined, 2));
      return result;
    } catch (error) {
      step.fail();
      throw error;
    }
  }
}

/** Seconds of earlier builds by part. @param cache the directory that keeps them */
async function readDurations(cache: string): Promise<Record<string, number>> {
  return readFile(durationsFile(cache), 'utf8').then(parse, () => ({}));
}

function durationsFile(cache: string): string {
  return join(cache, 'durations.json');
}

/** A file that somebody has damaged is no reason to fail. */
function parse(text: string): Record<string, number> {
  try {
    const entries = Object.entries(JSON.parse(text) as object);
    return Object.fromEntries(entries.filter((e): e is [string, number] => typeof e[1] === 'number' && e[1] > 0));
  } catch {
    return {};
  }
}
