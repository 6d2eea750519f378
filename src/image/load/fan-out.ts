import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/**
 * Copy a stream to several at once, as fast as the slowest takes it; nothing is kept. One that is closed by its reader is left out
 * from then on; when all are, the rest of the source is not read.
 * @param onBytes called with the length of each piece that was passed on
 * @throws what the source failed with, which then is also what the readers get
 */
export async function fanOut(
  source: Readable,
  sinks: readonly Writable[],
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  // A sink's failure is its reader's to report.
  for (const sink of sinks) sink.on('error', () => {});
  const open = () => sinks.filter((sink) => !sink.destroyed);
  try {
    for await (const piece of source) {
      if (open().length === 0) return;
      await Promise.all(open().map((sink) => write(sink, piece as Buffer)));
      onBytes((piece as Buffer).length);
    }
  } catch (error) {
    for (const sink of open()) sink.destroy(error as Error);
    throw error;
  }
  for (const sink of open()) sink.end();
}

async function write(sink: Writable, piece: Buffer): Promise<void> {
  if (sink.write(piece) || sink.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(sink, 'drain', { signal }), once(sink, 'close', { signal })])
    // A failure closes it: see above.
    .catch(() => {})
    .finally(() => settled.abort());
}
