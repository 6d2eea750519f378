import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What connections are passed on to. */
export interface Upstream {
  /** A port of this host that leads there, as soon as there is one. */
  port(signal: AbortSignal): Promise<number>;
  /** Told where a connection through that port got no answer at all: what is behind it may hang. */
  suspect(port: number): void;
}

export interface RelayOptions {
  /** Port on 127.0.0.1; 0: any free one. */
  port: number;
  upstream: Upstream;
  /** Milliseconds that a client is kept waiting for an answer. Default 9 s: kubectl waits 10 s for a TLS handshake. */
  patienceMs?: number | undefined;
}

export interface Relay {
  port: number;
  /** Connections that are open. */
  connections(): number;
  close(): void;
}

/** Milliseconds between two tries for one client. */
const RETRY_MS = 200;
/** Bytes of a client that are kept to be sent again: a TLS ClientHello is below 2 KiB. */
const KEPT_BYTES = 64 * 1024;

/**
 * Listen on a port that stays, and pass connections on to one that comes and goes. Until the server has answered a client, what
 * the client has sent is sent again, on another way where the first has ended: to a client a server that restarts is slow, not
 * gone.
 * @throws where the port cannot be listened on
 */
export function relay({ port, upstream, patienceMs = 9_000 }: RelayOptions): Promise<Relay> {
  const closing = new AbortController();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    void serve(client, upstream, AbortSignal.any([closing.signal, AbortSignal.timeout(patienceMs)]), closing.signal);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      resolve({
        port: portOf(server, port),
        connections: () => clients.size,
        close() {
          closing.abort();
          server.close();
          for (const client of clients) client.destroy();
        },
      });
    });
  });
}

function portOf(server: Server, otherwise: number): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : otherwise;
}

async function serve(client: Socket, upstream: Upstream, patience: AbortSignal, closing: AbortSignal): Promise<void> {
  const opening = new Opening(client);
  try {
    while (!client.destroyed && !patience.aborted) {
      const port = await abortable(upstream.port(patience), patience);
      const outcome = await opening.tryPort(port, patience);
      if (outcome === 'answered') return;
      if (outcome === 'silent') upstream.suspect(port);
      if (!opening.canRepeat) break;
      await sleep(RETRY_MS, undefined, { signal: patience });
    }
  } catch {
    // Patience is at its end, or the client's is.
  }
  if (!closing.aborted) client.destroy();
}

/** What a client says before it has an answer. */
class Opening {
  readonly #client: Socket;
  #kept: Buffer[] = [];
  #bytes = 0;
  #send: ((data: Buffer) => void) | undefined;
  readonly #keep = (data: Buffer) => {
    this.#bytes += data.length;
    if (this.canRepeat) this.#kept.push(data);
    this.#send?.(data);
  };

  constructor(client: Socket) {
    this.#client = client;
    client.on('data', this.#keep);
  }

  /** All that was sent is still at hand. */
  get canRepeat(): boolean {
    return this.#bytes <= KEPT_BYTES;
  }

  /** From the answer's first byte on both are connected, and it is no more an opening. */
  tryPort(port: number, patience: AbortSignal): Promise<'answered' | 'ended' | 'silent'> {
    const client = this.#client;
    const server = connect({ host: '127.0.0.1', port });
    return new Promise((resolve) => {
      const end = (outcome: 'ended' | 'silent') => {
        this.#send = undefined;
        patience.removeEventListener('abort', giveUp);
        client.off('close', leave);
        server.destroy();
        resolve(outcome);
      };
      const giveUp = () => end('silent');
      const leave = () => end('ended');
      patience.addEventListener('abort', giveUp, { once: true });
      client.once('close', leave);
      server.on('error', leave);
      server.once('close', leave);
      for (const data of this.#kept) server.write(data);
      this.#send = (data) => void server.write(data);
      server.once('data', (first: Buffer) => {
        patience.removeEventListener('abort', giveUp);
        server.off('close', leave).off('error', leave);
        client.off('close', leave).off('data', this.#keep);
        this.#kept = [];
        client.write(first);
        join(client, server);
        resolve('answered');
      });
    });
  }
}

/** Pass on what either says until one of them ends. */
function join(client: Socket, server: Socket): void {
  server.on('error', () => client.destroy());
  server.once('close', () => client.destroy());
  client.once('close', () => server.destroy());
  server.pipe(client);
  client.pipe(server);
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
