import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { type Options as ExecaOptions, execa, type Subprocess } from 'execa';
import { goQuote } from '../errors/go-quote.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { commandLine, withoutScripts } from './command-line.ts';
import { traceCommand } from './trace.ts';

export { commandLine } from './command-line.ts';

export interface RunOptions {
  /** Written to the program's stdin, which is closed afterwards. Default: no stdin. */
  input?: string | Uint8Array | Readable | undefined;
  /** Added to the environment of this process. */
  env?: Readonly<Record<string, string>> | undefined;
  cwd?: string | undefined;
  /** Ends the program with SIGTERM, and SIGKILL after 5 s. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the program is ended. Default: no limit. */
  timeoutMs?: number | undefined;
  /** Called with every line of either stream as it comes. */
  onLine?: ((line: string) => void) | undefined;
  /** Do not throw on an exit code other than 0. Default false. A program that cannot be started always throws. */
  allowFailure?: boolean | undefined;
  /** The program gets this terminal's stdin, stdout and stderr; nothing is captured. Default false. */
  inherit?: boolean | undefined;
  /** Takes stdout as it comes, which then is not captured. Where it rejects, the program is ended and `run` rejects with that. */
  consume?: ((stdout: Readable) => Promise<void>) | undefined;
  /** Keys are in what it prints: whoever looks on with `-v` does not get it. Default false. */
  secret?: boolean | undefined;
  /** File that both streams are written to as they come; nothing is captured. */
  writeTo?: string | undefined;
}

export interface RunResult {
  /** Without the last line end. */
  stdout: string;
  stderr: string;
  /** 128 + n where signal n ended the program, as a shell tells it. */
  exitCode: number;
}

/** A program that could not be started or that failed. `message` holds the pasteable command line. */
export class CommandError extends KinpodError {
  override readonly name = 'CommandError';
  readonly commandLine: string;
  readonly commandExitCode: number | undefined;
  readonly stderr: string;
  /** There is no such program, or it may not be run. */
  readonly notStarted: boolean;

  constructor(commandLine: string, exitCode: number | undefined, output: string, stderr: string, cause: unknown) {
    const how = exitCode === undefined ? 'could not be run' : `failed with exit code ${exitCode}`;
    const kindsReason = exitCode === undefined ? goStartError(cause) : `exit status ${exitCode}`;
    const kindMessage = `command "${commandLine}" failed with error: ${kindsReason}`;
    super(`command "${commandLine}" ${how}`, { code: 'command-failed', details: tail(output), cause, kindMessage });
    this.commandLine = commandLine;
    this.commandExitCode = exitCode;
    this.stderr = stderr;
    this.notStarted = exitCode === undefined;
  }
}

/** Why a program was not started, as Go's exec says it. */
function goStartError(cause: unknown): string {
  const { code, path } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' ? `exec: ${goQuote(path ?? '')}: executable file not found in $PATH` : messageOf(cause);
}

/** Lines of a failed program's output that go into its error. */
const TAIL_LINES = 20;

function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}

/**
 * Run a program to its end.
 * @throws {CommandError} if it cannot be started, or fails and `allowFailure` is not set
 * @throws AbortError if `signal` ended it
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const execaOptions: ExecaOptions = {
    reject: false,
    all: !options.consume && !options.writeTo,
    maxBuffer: 256 * 1024 * 1024,
    ...(options.env && { env: options.env }),
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.signal && { cancelSignal: options.signal }),
    ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
    ...(options.inherit
      ? { stdio: 'inherit' as const }
      : options.input === undefined
        ? { stdin: 'ignore' as const }
        : { input: options.input }),
    ...(options.consume && { buffer: { stdout: false } }),
    ...(options.writeTo !== undefined && {
      stdout: { file: options.writeTo },
      stderr: { file: options.writeTo },
      buffer: false,
    }),
  };
  const child = execa(command, [...args], execaOptions);
  traceCommand(() => commandLine(command, args), child, options.secret);
  if (options.onLine) {
    const onLine = options.onLine;
    void (async () => {
      for await (const line of child.iterable({ from: 'all' })) onLine(String(line));
    })().catch(() => {
      // The failure itself is reported by the awaited child below.
    });
  }
  const consumed = options.consume && consume(child, options.consume);
  const result = await child;
  const givenUp = await consumed;
  options.signal?.throwIfAborted();
  if (givenUp && (givenUp.inTheMiddle || !result.failed)) throw givenUp.reason;
  const stdout = text(result.stdout);
  const stderr = text(result.stderr);
  const exitCode = result.exitCode ?? (result.signal && 128 + constants.signals[result.signal]);
  // The program has done its part, and what was to be given to it could not be read.
  if (result.failed && exitCode === 0 && result.cause) throw result.cause;
  if (result.failed && (exitCode === undefined || !options.allowFailure)) {
    throw new CommandError(
      commandLine(command, withoutScripts(args)),
      exitCode,
      text(result.all) || stderr || result.shortMessage || '',
      stderr,
      result.cause,
    );
  }
  return { stdout, stderr, exitCode: exitCode ?? 0 };
}

/** Why the consumer gave up. A program that it leaves in the middle is ended; one that had said all may still tell why it failed. */
async function consume(
  child: Subprocess,
  consumer: (stdout: Readable) => Promise<void>,
): Promise<{ reason: unknown; inTheMiddle: boolean } | undefined> {
  if (!child.stdout) return undefined; // It was not started.
  try {
    await consumer(child.stdout);
    return undefined;
  } catch (reason) {
    const inTheMiddle = !child.stdout.readableEnded;
    if (inTheMiddle) child.kill();
    return { reason, inTheMiddle };
  }
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
