import { readFile } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { goFileError } from '../errors/go-file-error.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';

/**
 * A cluster configuration, as bytes, and its name for messages.
 * @param path `-` reads `stdin`
 * @throws {KinpodError} `config-unreadable`
 * @throws AbortError if `signal` aborts
 */
export async function readConfig(
  path: string,
  stdin: Readable,
  signal: AbortSignal,
): Promise<{ text: Uint8Array; path: string }> {
  if (path === '-') return { text: await buffer(addAbortSignal(signal, stdin)), path: '<stdin>' };
  try {
    return { text: await readFile(path), path };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new KinpodError(`cannot read the configuration ${path}: ${why}`, {
      code: 'config-unreadable',
      kindMessage: `error reading file: ${goFileError(error, path)}`,
    });
  }
}
