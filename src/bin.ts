import { constants } from 'node:os';
import { formatError } from './cli/format-error.ts';
import { main } from './cli/main.ts';
import { redact } from './cli/redact.ts';

const stopping = new AbortController();
let stoppedBy: NodeJS.Signals | undefined;

// The first signal lets the work undo what it has done; the second one does not wait for that.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (stoppedBy) process.exit(128 + constants.signals[name]);
    stoppedBy = name;
    stopping.abort();
  });
}

// A reader that has seen enough (`kinpod get clusters | head -1`) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.stderr.on('error', () => {});

// What escapes from a callback is a bug too, and is shown as one.
process.on('uncaughtException', (error) => {
  process.stderr.write(redact(formatError(error, { color: false, stack: true })));
  process.exit(1);
});

/** The name in the user's command: a link to this file keeps its own; where the launcher ran the file, the launcher's counts. */
function calledAs(): string | undefined {
  const [, own] = process.argv;
  return own?.endsWith('kinpod.js') ? (process.env.KINPOD_CALLED_AS ?? own) : own;
}

void main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  calledAs: calledAs(),
  signal: stopping.signal,
}).then((code) => {
  // What ended well in spite of the signal, or because it was its way to end, has ended well.
  process.exitCode = stoppedBy && code !== 0 ? 128 + constants.signals[stoppedBy] : code;
  // Leave when what was written has been taken, whatever is still open: a keep-alive connection must not hold the prompt.
  process.stdout.write('', () => process.exit());
});
