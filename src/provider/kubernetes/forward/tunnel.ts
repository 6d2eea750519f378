import { setTimeout as sleep } from 'node:timers/promises';
import type { Upstream } from './relay.ts';

/**
 * One way to the server, for as long as it lasts: `kubectl port-forward` ends with the first connection that is refused, with the
 * Pod, and with the outer API server's patience.
 * @param onPort told the port of this host, once it can be used
 * @returns when it has ended
 * @throws why it ended, where it says
 */
export type OpenTunnel = (onPort: (port: number) => void, signal: AbortSignal) => Promise<void>;

export interface KeptTunnelOptions {
  open: OpenTunnel;
  /** Whether a failure says that there is nothing to lead to any more. */
  isGone(error: unknown): boolean;
  signal: AbortSignal;
  /** Told when the way is open, and why it is not. */
  onChange?: ((state: { open: boolean; reason?: unknown }) => void) | undefined;
  /** Milliseconds without a way and without anybody who wanted one after which it is given up. Default an hour. */
  giveUpMs?: number | undefined;
}

/** Milliseconds between two tries where nobody waits: doubling from the first to the last. */
const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 30_000;
const GIVE_UP_MS = 60 * 60_000;

/** A way to the server that is opened again whenever it ends. */
export class KeptTunnel implements Upstream {
  readonly #options: KeptTunnelOptions;
  #port: number | undefined;
  #waiting: ((port: number) => void)[] = [];
  #wanted = new AbortController();
  #current = new AbortController();
  #lastUse = Date.now();

  constructor(options: KeptTunnelOptions) {
    this.#options = options;
  }

  /** @returns once there is nothing to keep open any more: told so, given up or aborted */
  async keep(): Promise<'gone' | 'given up' | 'aborted'> {
    const { open, isGone, signal, onChange, giveUpMs = GIVE_UP_MS } = this.#options;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      this.#current = new AbortController();
      let reason: unknown;
      try {
        await open(
          (port) => {
            pause = FIRST_PAUSE_MS;
            this.#opened(port);
            onChange?.({ open: true });
          },
          AbortSignal.any([signal, this.#current.signal]),
        );
      } catch (error) {
        reason = error;
      }
      if (this.#port !== undefined) this.#lastUse = Date.now();
      this.#port = undefined;
      if (signal.aborted) break;
      if (isGone(reason)) return 'gone';
      onChange?.({ open: false, reason });
      if (Date.now() - this.#lastUse > giveUpMs) return 'given up';
      await this.#rest(pause);
      pause = Math.min(pause * 2, LAST_PAUSE_MS);
    }
    return 'aborted';
  }

  port(signal: AbortSignal): Promise<number> {
    this.#lastUse = Date.now();
    if (this.#port !== undefined) return Promise.resolve(this.#port);
    // Somebody waits: no rest now.
    this.#wanted.abort();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting = this.#waiting.filter((one) => one !== give);
        reject(signal.reason);
      };
      const give = (port: number) => {
        signal.removeEventListener('abort', abort);
        resolve(port);
      };
      this.#waiting.push(give);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  suspect(port: number): void {
    if (port === this.#port) this.#current.abort();
  }

  #opened(port: number): void {
    this.#port = port;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const give of waiting) give(port);
  }

  async #rest(ms: number): Promise<void> {
    if (this.#waiting.length > 0) return void (await sleep(FIRST_PAUSE_MS));
    this.#wanted = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, this.#wanted.signal]);
    await sleep(ms, undefined, { signal }).catch(() => {});
  }
}
