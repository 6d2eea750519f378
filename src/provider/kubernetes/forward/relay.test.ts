import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Relay, relay, type Upstream } from './relay.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A server that does `behave` with each connection. */
async function server(behave: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const made: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    behave(socket);
  });
  open.push({ close: () => [made.close(), ...[...sockets].map((one) => one.destroy())] });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as { port: number }).port;
}

const echo = () => server((socket) => void socket.pipe(socket));
const hangUp = () => server((socket) => void socket.once('data', () => socket.destroy()));

async function relayTo(upstream: Upstream, patienceMs?: number): Promise<Relay> {
  const made = await relay({ port: 0, upstream, patienceMs });
  open.push(made);
  return made;
}

/** Ways to take one after the other; the last one stays. */
function ways(...ports: number[]): Upstream & { suspected: number[] } {
  const suspected: number[] = [];
  return {
    suspected,
    suspect: (port) => void suspected.push(port),
    port: async () => (ports.length > 1 ? ports.shift() : ports[0]) ?? 0,
  };
}

/** Send, and return what came back until `bytes` are there or the connection ended. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
    socket.on('error', () => {});
    socket.on('data', (data) => {
      answer += data;
      if (answer.length >= text.length) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
  });
}

test('what is said comes through, both ways, however long', async () => {
  const { port } = await relayTo(ways(await echo()));
  const long = 'x'.repeat(3_000_000);
  expect(await Promise.all([ask(port, 'hello'), ask(port, long)])).toEqual(['hello', long]);
});

test('a connection that ends without an answer is tried again, with all that was said', async () => {
  const { port } = await relayTo(ways(await hangUp(), await hangUp(), await echo()));
  expect(await ask(port, 'hello')).toBe('hello');
});

test('a way that nobody listens on is not the end', async () => {
  const { port } = await relayTo(ways(1, await echo()));
  expect(await ask(port, 'hello')).toBe('hello');
});

test('once there was an answer nothing is repeated', async () => {
  const answersOnce = await server((socket) => void socket.once('data', () => socket.end('a')));
  const { port } = await relayTo(ways(answersOnce, await echo()));
  expect(await ask(port, 'hello')).toBe('a');
});

test('a server that is silent is suspected when the client’s patience is at its end', async () => {
  const upstream = ways(await server(() => {}));
  const { port } = await relayTo(upstream, 300);
  expect(await ask(port, 'hello')).toBe('');
  expect(upstream.suspected).toHaveLength(1);
});

test('where there is no way at all the client is let go after its patience', async () => {
  const never: Upstream = { port: () => new Promise(() => {}), suspect: () => {} };
  const { port } = await relayTo(never, 300);
  expect(await ask(port, 'hello')).toBe('');
});

test('a port in use is refused', async () => {
  const taken = await echo();
  await expect(relay({ port: taken, upstream: ways(1) })).rejects.toThrow('EADDRINUSE');
});

test('closing ends what is connected', async () => {
  const made = await relayTo(ways(await server(() => {})));
  const answer = ask(made.port, 'hello');
  await expect.poll(() => made.connections()).toBe(1);
  made.close();
  expect(await answer).toBe('');
});
