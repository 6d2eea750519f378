import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors/kinpod-error.ts';
import { scaled } from '../../exec/time-factor.ts';
import type { Provider } from '../../provider/provider.ts';
import { NodeError } from '../node-error.ts';

/** What the boot scripts of a node report, see images/node/boot/lib.sh. */
export type BootState = 'files' | 'kubelet' | 'api' | 'setup' | 'done' | 'failed';

export interface BootEvent {
  state: BootState;
  text: string;
}

/** Seconds that a node may take from its start until it is set up, before it is given up. kubeadm's own limit is 4 minutes. */
export const BOOT_LIMIT_SECONDS = 240;

/** Milliseconds before a program that was to follow the boot, and ended, is started again. */
const AGAIN_MS = 200;

/** Parse a line of a node's event file; undefined for anything else that a program may have printed. */
function parseBootEvent(line: string): BootEvent | undefined {
  const [, state, text] = /^[\d.]+ (files|kubelet|api|setup|done|failed) (.*)$/.exec(line.trim()) ?? [];
  return state === undefined ? undefined : { state: state as BootState, text: text ?? '' };
}

export interface FollowOptions {
  signal: AbortSignal;
  onEvent(event: BootEvent): void;
  limitMs: number;
}

/**
 * Follow a started node's boot until it is set up. One program in the node tells it line by line; nothing is polled.
 * @throws {NodeError} `boot-failed`, `boot-timeout`, or `node-stopped`
 */
export async function followBoot(provider: Provider, node: string, options: FollowOptions): Promise<void> {
  // Longer than a day is no limit, and more than Node.js' timers can count.
  const limit = AbortSignal.timeout(Math.min(Math.round(options.limitMs), 24 * 3600 * 1000));
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, limit, ended.signal]);
  const seen = new Set<string>();
  let last: BootEvent = { state: 'files', text: 'starting' };
  let complaint = '';
  const onLine = (line: string) => {
    const event = parseBootEvent(line);
    if (!event) complaint = line;
    if (!event || seen.has(line)) return;
    seen.add(line);
    last = event;
    options.onEvent(event);
    // The program in the node ends by itself, a little later.
    if (event.state === 'done' || event.state === 'failed') ended.abort();
  };
  const lastSeen = () => [`last seen: ${last.text}`, complaint].filter(Boolean).join('\n');
  while (last.state !== 'done' && last.state !== 'failed') {
    // systemd may end what was started before it: then it is started again, and tells from the beginning.
    await provider
      .exec(node, ['sh', '/kind/kinpod/follow.sh'], { signal, onLine, allowFailure: true })
      .catch((error: unknown) => {
        complaint = messageOf(error);
      });
    if (ended.signal.aborted) break;
    options.signal.throwIfAborted();
    if (limit.aborted) {
      throw new NodeError(node, `${node} was not set up within ${options.limitMs / 1000}s`, {
        code: 'boot-timeout',
        details: lastSeen(),
        hint: 'on a slow machine give it more time: --timeout-factor 3',
      });
    }
    const nodes = await provider.listNodes();
    if (!nodes.find((n) => n.name === node)?.running) {
      throw new NodeError(node, `${node} stopped while it booted`, {
        code: 'node-stopped',
        details: lastSeen(),
      });
    }
    await sleep(AGAIN_MS, undefined, { signal: options.signal });
  }
  if (last.state === 'failed') throw new NodeError(node, `${node}: ${last.text}`, { code: 'boot-failed' });
}

/**
 * Look once how far a node has come.
 * @throws {NodeError} `boot-failed` where it has given up, `node-stopped` where it does not run
 */
export async function checkBoot(provider: Provider, node: string): Promise<void> {
  const { stdout, stderr, exitCode } = await provider.exec(node, ['tail', '-n', '1', '/kind/kinpod/events'], {
    allowFailure: true,
  });
  const event = parseBootEvent(stdout);
  if (event?.state === 'failed') throw new NodeError(node, `${node}: ${event.text}`, { code: 'boot-failed' });
  if (exitCode === 0) return;
  const nodes = await provider.listNodes();
  if (nodes.find((n) => n.name === node)?.running) return;
  throw new NodeError(node, `${node} stopped while it booted`, { code: 'node-stopped', details: stderr });
}

/** What a person would look at first in a node that did not come up: log lines of its components, or of its engine. */
export async function diagnose(provider: Provider, node: string): Promise<string> {
  const inside = await provider
    .exec(node, ['sh', '/kind/kinpod/diagnose.sh'], { timeoutMs: scaled(20_000), allowFailure: true })
    .catch(() => undefined);
  if (inside?.exitCode === 0 && inside.stdout) return inside.stdout;
  return provider.logs(node, 30).catch(() => '');
}
