import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves a few files on 127.0.0.1 as a download server does, with ranges, and can break off in the middle. */
export class FileServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #files = new Map<string, string | { path: string }>();
  /** What was asked for, `GET /x` or `GET /x bytes=5-`. */
  readonly requests: string[] = [];
  /** After so many bytes of a file the connection is cut, once. */
  cutAfter: number | undefined;

  async start(): Promise<void> {
    this.requests.length = 0;
    this.#files.clear();
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param content a text, or a file to be read when it is asked for */
  serve(name: string, content: string | { path: string }): string {
    this.#files.set(`/${name}`, content);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  remove(name: string): void {
    this.#files.delete(`/${name}`);
  }

  async #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(['GET', url, headers.range].filter(Boolean).join(' '));
    const content = this.#files.get(url);
    if (content === undefined) return void response.writeHead(404).end('not here');
    if (typeof content === 'string') return void response.end(content);
    const { size } = await stat(content.path);
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (start >= size) return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    const range = start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': size - start, 'accept-ranges': 'bytes', ...range });
    const cut = this.cutAfter;
    this.cutAfter = undefined;
    const stream = createReadStream(content.path, { start, ...(cut !== undefined && { end: start + cut - 1 }) });
    stream.on('end', () => (cut === undefined ? response.end() : response.destroy()));
    stream.pipe(response, { end: false });
    response.on('close', () => stream.destroy());
  }
}
