import { expect, test } from 'vitest';
import { KeptTunnel, type OpenTunnel } from './tunnel.ts';

const NEVER = new AbortController().signal;

/** Ways that are opened one after the other; each is ended from outside. */
function scripted(...steps: (number | Error)[]) {
  const ends: (() => void)[] = [];
  const open: OpenTunnel = (onPort, signal) =>
    new Promise((resolve, reject) => {
      const step = steps.shift();
      if (step === undefined) return reject(new Error('gone'));
      if (step instanceof Error) return reject(step);
      ends.push(resolve);
      signal.addEventListener('abort', () => resolve());
      onPort(step);
    });
  return { open, end: () => ends.shift()?.() };
}

const isGone = (error: unknown) => error instanceof Error && error.message === 'gone';

test('a way that ends is opened again, and who waits gets the new one', async () => {
  const { open, end } = scripted(1001, 1002);
  const tunnel = new KeptTunnel({ open, isGone, signal: NEVER });
  const kept = tunnel.keep();
  expect(await tunnel.port(NEVER)).toBe(1001);
  end();
  await expect.poll(() => tunnel.port(NEVER)).toBe(1002);
  end();
  expect(await kept).toBe('gone');
});

test('failures on the way are told and do not end it', async () => {
  const told: unknown[] = [];
  const { open, end } = scripted(new Error('refused'), new Error('refused'), 1001);
  const tunnel = new KeptTunnel({ open, isGone, signal: NEVER, onChange: (state) => told.push(state.open) });
  const kept = tunnel.keep();
  expect(await tunnel.port(NEVER)).toBe(1001);
  end();
  expect(await kept).toBe('gone');
  expect(told.slice(0, 3)).toEqual([false, false, true]);
});

test('a suspect way is replaced', async () => {
  const { open } = scripted(1001, 1002);
  const tunnel = new KeptTunnel({ open, isGone, signal: NEVER });
  void tunnel.keep();
  tunnel.suspect(await tunnel.port(NEVER));
  await expect.poll(() => tunnel.port(NEVER)).toBe(1002);
});

test('who has waited long enough is let go', async () => {
  const tunnel = new KeptTunnel({ open: () => new Promise(() => {}), isGone, signal: NEVER });
  void tunnel.keep();
  await expect(tunnel.port(AbortSignal.timeout(50))).rejects.toThrow();
});

test('nobody’s way is given up in the end', async () => {
  const open = async () => Promise.reject(new Error('unreachable'));
  expect(await new KeptTunnel({ open, isGone, signal: NEVER, giveUpMs: 100 }).keep()).toBe('given up');
});

test('it ends where it is asked to', async () => {
  const stop = new AbortController();
  const { open } = scripted(1001);
  const kept = new KeptTunnel({ open, isGone, signal: stop.signal }).keep();
  stop.abort();
  expect(await kept).toBe('aborted');
});
