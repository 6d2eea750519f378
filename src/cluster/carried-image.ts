import { KinpodError } from '../errors/kinpod-error.ts';
import { CommandError } from '../exec/run.ts';
import { defaultPodImageName } from '../image/pod/build-pod-image.ts';
import type { Progress } from '../progress/progress.ts';
import { bringByHand } from '../provider/container/carried-image.ts';
import type { Provider } from '../provider/provider.ts';

/** The node image in the image of the container in which kinpod runs, for an engine that is outside and has not got it. */
export class CarriedImage {
  readonly #provider: Provider;
  readonly #progress: Progress;
  readonly #signal: AbortSignal | undefined;
  /** Why it was not brought; undefined: it was not tried. */
  whyNot: string | undefined;

  constructor(provider: Provider, progress: Progress, signal: AbortSignal | undefined) {
    this.#provider = provider;
    this.#progress = progress;
    this.#signal = signal;
  }

  /** @returns whether it is that image, and the engine has it now */
  async bring(reference: string): Promise<boolean> {
    const { name } = this.#provider;
    if ((await this.#provider.carriedImage?.()) !== reference) return false;
    const step = this.#progress.step(`Ensuring node image (${reference}) 🖼️`);
    step.detail(`bringing it from this container's image to ${name}`);
    try {
      await this.#provider.bringCarriedImage?.(this.#signal);
    } catch (error) {
      step.fail();
      this.#signal?.throwIfAborted();
      this.whyNot = reasonOf(error);
      this.#progress.info(`This container's image has it, but it cannot be brought to ${name}: ${this.whyNot}`);
      return false;
    }
    step.done();
    return true;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof KinpodError)) return String(error);
  const said = error instanceof CommandError ? error.stderr || error.details : undefined;
  return said?.trim().split('\n').at(-1) || error.message;
}

/**
 * Why a pod image cannot go on: it has nothing to build a node image with.
 * @param carried the node image in it
 * @param whyNot why that was not brought to the engine
 */
export function imageNotInEngine(
  reference: string,
  { name, outside }: Pick<Provider, 'name' | 'outside'>,
  { carried, whyNot }: { carried: string | undefined; whyNot: string | undefined },
): KinpodError {
  const where = outside ? `${name} on this container's machine` : `this container's ${name}`;
  return new KinpodError(`the node image "${reference}" is not in ${where}`, {
    code: 'image-not-found',
    details: whyNot,
    hint: outside
      ? [
          ...(carried === reference
            ? [`bring it, on that machine: ${bringByHand({ command: name }, defaultPodImageName())}`]
            : []),
          'build it, on that machine: kinpod build node-image',
        ].join('\n')
      : 'use a pod image with a node image in it: kinpod build pod-image, without --without-node-image',
  });
}
