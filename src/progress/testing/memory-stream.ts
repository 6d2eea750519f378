import { Writable } from 'node:stream';

/** A stream that keeps what is written to it. */
export class MemoryStream extends Writable {
  isTTY = false;
  columns = 60;
  #text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#text += String(chunk);
    done();
  }

  /** What was written since the last call. */
  written(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
