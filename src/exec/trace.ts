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

const ended = channel('kinpod.command');

/** Tell who listens when a program has ended. Costs nothing where nobody does. */
export function traceCommand(
  commandLine: () => string,
  running: PromiseLike<{ exitCode?: number | undefined; durationMs: number; all?: unknown }>,
): void {
  if (!ended.hasSubscribers) return;
  void running.then(({ exitCode, durationMs, all }) => {
    const output = typeof all === 'string' ? all : '';
    ended.publish({ commandLine: commandLine(), exitCode, seconds: durationMs / 1000, output } satisfies EndedCommand);
  });
}

/** Be told of every program that this process runs, whatever runs it. For `-v`, and for who looks for the time that is lost. */
export function onCommand(listener: (command: EndedCommand) => void): void {
  ended.subscribe((message) => listener(message as EndedCommand));
}
