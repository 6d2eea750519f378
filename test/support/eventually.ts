import { KinpodError } from '../../src/errors/kinpod-error.ts';
import { type UntilOptions, until } from '../../src/exec/until.ts';

/** As `until`, with the last answer in the message: a test report shows nothing else of an error. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, options: UntilOptions): Promise<T> {
  try {
    return await until(look, options);
  } catch (error) {
    if (!(error instanceof KinpodError)) throw error;
    throw new Error(`${error.message}\n${error.details}`, { cause: error });
  }
}
