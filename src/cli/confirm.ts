import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { KinpodError } from '../errors/kinpod-error.ts';

export interface ConfirmOptions {
  stdin: Readable;
  /** Questions are talk: stderr. */
  stderr: Writable;
  signal: AbortSignal;
}

/**
 * Ask a question that is answered with y or n; Enter alone means yes.
 * @throws {KinpodError} `needs-answer` where nobody can be asked: stdin is no terminal
 * @throws AbortError if `signal` aborts
 */
export async function confirm(question: string, { stdin, stderr, signal }: ConfirmOptions): Promise<boolean> {
  if ((stdin as { isTTY?: boolean }).isTTY !== true) {
    throw new KinpodError(`nobody can be asked here: ${question}`, {
      code: 'needs-answer',
      hint: 'give --yes to agree in advance, or run it in a terminal',
    });
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(`${question} [Y/n] `, { signal });
    return /^\s*(y(es)?)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
