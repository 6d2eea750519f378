import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { KinpodError, messageOf } from '../../errors/kinpod-error.ts';
import { CommandError, run } from '../../exec/run.ts';

/** What archives may be compressed with, told by their first bytes; `program` writes the plain archive to stdout. */
const COMPRESSIONS: readonly { name: string; magic: readonly number[]; program?: readonly [string, ...string[]] }[] = [
  { name: 'gzip', magic: [0x1f, 0x8b] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], program: ['zstd', '-dc'] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], program: ['xz', '-dc'] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], program: ['bzip2', '-dc'] },
];

/** A tar archive on this host that can be read several times. */
export class ArchiveFile implements AsyncDisposable {
  /** As the user named it. */
  readonly label: string;
  /** As it lies there, compressed or not. */
  readonly bytes: number;
  readonly #path: string;
  readonly #compression: (typeof COMPRESSIONS)[number] | undefined;
  readonly #temporaryDir: string | undefined;

  private constructor(label: string, path: string, bytes: number, head: Buffer, temporaryDir?: string) {
    this.label = label;
    this.bytes = bytes;
    this.#path = path;
    this.#compression = COMPRESSIONS.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
    this.#temporaryDir = temporaryDir;
  }

  /**
   * @param path `-` for `stdin`, which is kept in a temporary file until the archive is disposed of
   * @throws {KinpodError} `no-such-file` in kind's words
   */
  static async open(path: string, stdin: Readable | undefined, signal?: AbortSignal): Promise<ArchiveFile> {
    if (path !== '-' || !stdin) return ArchiveFile.#at(path, path);
    const dir = await mkdtemp(join(tmpdir(), 'kinpod-archive-'));
    try {
      const file = join(dir, 'images.tar');
      await pipeline(stdin, createWriteStream(file), { signal });
      return await ArchiveFile.#at('stdin', file, dir);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  static async #at(label: string, path: string, temporaryDir?: string): Promise<ArchiveFile> {
    try {
      const { size } = await stat(path);
      const file = await open(path);
      try {
        const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
        return new ArchiveFile(label, path, size, buffer, temporaryDir);
      } finally {
        await file.close();
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new KinpodError(code === 'ENOENT' ? `stat ${path}: no such file or directory` : message, {
        code: 'no-such-file',
        hint: 'docker save IMAGE -o FILE, or podman save, writes one',
      });
    }
  }

  /**
   * Give `use` the plain archive as a stream.
   * @param onBytes told how much of the file has been read
   * @throws {KinpodError} `unreadable-archive` where it cannot be decompressed
   */
  async read<T>(
    use: (archive: Readable) => Promise<T>,
    options: { onBytes?: (bytes: number) => void; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    const file = createReadStream(this.#path, { highWaterMark: 1024 * 1024, signal: options.signal });
    if (options.onBytes) file.on('data', (piece) => options.onBytes?.(piece.length)).pause();
    const { program, name } = this.#compression ?? {};
    if (program) return this.#readThrough(program, file, use, options.signal);
    if (!name) return use(file);
    // What breaks while it is decompressed reaches the reader through the stream itself.
    const plain = new PassThrough();
    const whole = pipeline(file, createGunzip(), plain).catch((error: unknown) => error);
    try {
      return await use(plain);
    } catch (error) {
      // Ends the pipeline, where it has not ended by itself.
      plain.destroy();
      throw this.#unreadable(error, await whole);
    } finally {
      plain.destroy();
    }
  }

  async #readThrough<T>(
    [command, ...args]: readonly [string, ...string[]],
    file: Readable,
    use: (archive: Readable) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    let result: { value: T; whole: boolean } | undefined;
    try {
      const consume = async (archive: Readable) => {
        const value = await use(archive);
        result = { value, whole: archive.readableEnded };
      };
      await run(command, args, { input: file, consume, signal });
    } catch (error) {
      // Who has found what it looked for need not read on: what the program then complains of is nobody's trouble.
      if (!result || result.whole) throw error instanceof CommandError ? this.#notDecompressed(command, error) : error;
    }
    if (!result) throw new Error(`nobody read what ${command} wrote`);
    return result.value;
  }

  #notDecompressed(command: string, error: CommandError): KinpodError {
    const { name } = this.#compression ?? {};
    if (!error.notStarted) return this.#unreadable(error, error) as KinpodError;
    return new KinpodError(`${this.label} is compressed with ${name}, and there is no ${command} on this machine`, {
      code: 'unreadable-archive',
      hint: `install ${command}, or decompress the archive where there is one`,
    });
  }

  #unreadable(error: unknown, decompression: unknown): unknown {
    const { code } = (decompression ?? {}) as { code?: string };
    const broken = decompression instanceof CommandError || /^Z_|^ERR_BUFFER/.test(String(code));
    if (!broken) return error;
    return new KinpodError(`${this.label} cannot be decompressed: ${messageOf(decompression)}`, {
      code: 'unreadable-archive',
      details: decompression instanceof CommandError ? decompression.details : undefined,
      hint: 'it may have been cut short: compare its size or checksum with the original',
      cause: error,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#temporaryDir) await rm(this.#temporaryDir, { recursive: true, force: true });
  }
}
