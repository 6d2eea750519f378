import { channel } from 'node:diagnostics_channel';

/** One program that was run to its end. */
export interface EndedCommand {
  /** As one would paste it into a shell. */
  commandLine: string;
  /** Undefined where it could not be started, or a signal ended it. */
  exitCode: number | undefined;
  seconds: number;
  /** Both streams, in order. */
  output: string;
}

/** One look at something that is awaited and is not so yet. */
export interface Waiting {
  /** What is awaited: `the control plane to be Ready`. */
  what: string;
  /** Why it is not so yet. */
  lastSeen: string;
}

const ended = channel('kinpod.command');
const waiting = channel('kinpod.waiting');

/** Tell who listens when a program has ended. Costs nothing where nobody does. @param secret keys are in what it prints: not told */
export function traceCommand(
  commandLine: () => string,
  running: PromiseLike<{ exitCode?: number | undefined; durationMs: number; all?: unknown }>,
  secret = false,
): void {
  if (!ended.hasSubscribers) return;
  void running.then(({ exitCode, durationMs, all }) => {
    const output = secret ? '(not shown: keys are in it)' : typeof all === 'string' ? all : '';
    ended.publish({ commandLine: commandLine(), exitCode, seconds: durationMs / 1000, output } satisfies EndedCommand);
  });
}

/** Be told of every program that this process runs, whatever runs it. For `-v`, and for who looks for the time that is lost. */
export function onCommand(listener: (command: EndedCommand) => void): void {
  ended.subscribe((message) => listener(message as EndedCommand));
}

/** Tell who listens what is being waited for. */
export function traceWaiting(what: string, lastSeen: string): void {
  if (waiting.hasSubscribers) waiting.publish({ what, lastSeen } satisfies Waiting);
}

/** Be told of every look at what is not so yet, whatever waits for it. For who shows what all the time goes into. */
export function onWaiting(listener: (waiting: Waiting) => void): void {
  waiting.subscribe((message) => listener(message as Waiting));
}
