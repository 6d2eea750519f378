import { goQuote } from '../../errors/go-quote.ts';
import type { Progress, ProgressStep } from '../../progress/progress.ts';

/** Shows a transfer: what goes where, and how much of it has gone. */
export class TransferProgress {
  readonly #progress: Progress;
  readonly #step: ProgressStep;
  readonly #expected: number;
  readonly #started = Date.now();
  readonly #what: string;
  readonly #approximate: boolean;
  #bytes = 0;

  /**
   * @param what `image "app:1" into 3 nodes`
   * @param expected bytes, 0 where it is not known; `approximate` where more or less may come
   */
  constructor(progress: Progress, what: string, expected: number, approximate: boolean) {
    this.#progress = progress;
    this.#what = what;
    this.#expected = expected;
    this.#approximate = approximate;
    this.#step = progress.step(`Loading ${what} 🚚`);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const total = this.#expected > 0 ? ` of ${this.#approximate ? 'about ' : ''}${megabytes(this.#expected)}` : '';
    const sent = this.#expected > 0 && this.#bytes >= this.#expected ? ', unpacking' : '';
    this.#step.detail(`${megabytes(this.#bytes)}${total}${sent}`);
  }

  /** @returns what `work` gave */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#step.done();
      const seconds = ((Date.now() - this.#started) / 1000).toFixed(1);
      this.#progress.info(`Loaded ${this.#what}: ${megabytes(this.#bytes)} in ${seconds} s`);
      return result;
    } catch (error) {
      this.#step.fail();
      throw error;
    }
  }
}

/** `12.3 MB`, as Docker and Podman count the size of images. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `image "app:1"`, `3 images`. */
export function imagesText(labels: readonly string[]): string {
  return labels.length === 1 ? `image ${goQuote(labels[0] ?? '')}` : `${labels.length} images`;
}

export function nodesText(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`;
}
