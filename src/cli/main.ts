import type { Readable, Writable } from 'node:stream';
import { goQuote } from '../errors/go-quote.ts';
import { isAbort, KinpodError } from '../errors/kinpod-error.ts';
import { onCommand, onWaiting } from '../exec/trace.ts';
import { variable } from '../exec/variables.ts';
import { chooseRenderer } from '../progress/choose-renderer.ts';
import type { ProgressRenderer } from '../progress/renderer.ts';
import { isSmartTerminal } from '../progress/terminal.ts';
import { version } from '../version.ts';
import type { AnyCommand, Library } from './command.ts';
import { type Compat, takeCompat } from './compat.ts';
import { formatError } from './format-error.ts';
import { program } from './groups.ts';
import { KIND_PROVIDERS } from './kind/command-line.ts';
import { asksForQuiet } from './kind/quiet.ts';
import { createOutput } from './output.ts';
import { redact } from './redact.ts';
import type { Request } from './request.ts';

/** The word by which a shell's script asks, as cobra's do: tools that bridge between shells ask in this way too. */
const COMPLETION_REQUEST = '__complete';

/** The edges of the process, passed in so that a test can stand for each. */
export interface Edges {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  env: NodeJS.ProcessEnv;
  /** The name by which this program was called; a link named `kind` asks for kind's words. */
  calledAs?: string | undefined;
  /** Aborts where the user wants to stop. */
  signal: AbortSignal;
  /** Default: this package's own. */
  loadLibrary?: () => Promise<Library>;
  commands?: readonly AnyCommand[];
}

/**
 * Run one command line to its end. Never throws: what fails is printed here, and nowhere else.
 * @param argv without the program's own name
 * @returns the exit code
 */
export async function main(argv: readonly string[], edges: Edges): Promise<number> {
  let failing: Failing = { verbosity: 0, quiet: false, compat: 'none' };
  let progress: ProgressRenderer | undefined;
  try {
    const { compat, argv: words } = takeCompat(argv, edges.calledAs, edges.env);
    const asKind = compat === 'kind';
    if (!asKind && words.length === 1 && words[0] === '--version') {
      edges.stdout.write(`${program.name} version ${version().version}\n`);
      return 0;
    }
    if (words[0] === COMPLETION_REQUEST) {
      const { answerCompletion } = await import('./completion/request.ts');
      edges.stdout.write(await answerCompletion(words.slice(1), asKind, edges.env));
      return 0;
    }
    failing = { ...failing, compat, quiet: asKind && asksForQuiet(words) };
    const request = await read(words, edges, asKind);
    if (request.kind === 'print') {
      edges.stdout.write(request.text);
      if (request.error) throw request.error;
      return 0;
    }
    const { quiet, verbosity = 0, provider, context, namespace } = request.globals;
    failing = { compat, verbosity, quiet: asKind && quiet };
    progress = chooseRenderer({ stream: edges.stderr, env: edges.env, quiet, verbosity, redact, asKind });
    const env = asKind ? kindsEnvironment(edges.env, progress) : edges.env;
    showTraces(progress, verbosity);
    const { command } = request;
    // A program that the terminal was passed on to got the same signal, and has its own words.
    if (!command.passThrough && !command.readOnly && !command.endless) announceInterrupt(edges.signal, progress);
    const work = command.run({
      args: request.args,
      flags: request.flags,
      kinpod: await (edges.loadLibrary ?? loadLibrary)(),
      common: {
        progress,
        signal: edges.signal,
        env,
        provider: provider || env.KINPOD_PROVIDER || variable(env, 'EXPERIMENTAL_PROVIDER'),
        context,
        namespace,
      },
      out: createOutput(edges.stdout, progress, quiet),
      asKind,
      stdin: edges.stdin,
      confirm: async (question) => (await import('./confirm.ts')).confirm(question, edges),
    });
    const code = await (command.readOnly ? Promise.race([work, aborted(edges.signal)]) : work);
    progress.close(true);
    return code || 0;
  } catch (error) {
    progress?.close(false);
    return fail(error, edges, failing);
  }
}

/** Show what is waited for; with `-v 2` every program that is run, with its time; with `-v 3` also what it printed. */
function showTraces(progress: ProgressRenderer, verbosity: number): void {
  onWaiting(({ what, lastSeen }) => progress.waiting(`${what} (${lastSeen})`));
  if (verbosity < 2) return;
  onCommand(({ commandLine, exitCode, seconds, output }) => {
    progress.debug(`ran ${commandLine} (${seconds.toFixed(2)}s, exit code ${exitCode ?? 'none'})`);
    if (verbosity >= 3 && output.trim()) progress.debug(output.trimEnd().replaceAll(/^/gm, '  '));
  });
}

/** How a failure is to be shown. */
interface Failing {
  verbosity: number;
  quiet: boolean;
  compat: Compat;
}

async function fail(error: unknown, edges: Edges, { verbosity, quiet, compat }: Failing): Promise<number> {
  // Ctrl-C reaches the engine's commands too: what they then complain of is not what happened.
  const interrupted = edges.signal.aborted && (isAbort(error) || error instanceof KinpodError);
  const failure = interrupted ? new KinpodError('interrupted', { code: 'interrupted' }) : error;
  const color = isSmartTerminal(edges.stderr, edges.env);
  const expected = failure instanceof KinpodError;
  if (!quiet) {
    const text =
      compat === 'kind' && expected
        ? (await import('./kind/format-error.ts')).formatErrorAsKind(failure, color)
        : formatError(failure, { color, stack: verbosity >= 1 });
    edges.stderr.write(redact(text));
  }
  return expected ? failure.exitCode : 1;
}

function announceInterrupt(signal: AbortSignal, progress: ProgressRenderer): void {
  const announce = () => progress.info('interrupted: cleaning up (press Ctrl-C again to leave at once)');
  if (signal.aborted) announce();
  else signal.addEventListener('abort', announce, { once: true });
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Parser and command table are loaded only now: `--version` has no need of them. */
async function read(argv: readonly string[], edges: Edges, asKind: boolean): Promise<Request> {
  const commands = edges.commands ?? (await import('./commands.ts')).commands;
  if (asKind) return (await import('./kind/parse.ts')).parseAsKind(commands, argv, edges.env);
  return (await import('./parse.ts')).parse(commands, argv, edges.env, version().version);
}

/** kind warns of a provider that it does not know, and chooses one itself. */
function kindsEnvironment(env: NodeJS.ProcessEnv, progress: ProgressRenderer): NodeJS.ProcessEnv {
  const { KIND_EXPERIMENTAL_PROVIDER: provider, ...others } = env;
  if (!provider || KIND_PROVIDERS.includes(provider)) return env;
  progress.warn(`ignoring unknown value ${goQuote(provider)} for KIND_EXPERIMENTAL_PROVIDER`);
  return others;
}

function loadLibrary(): Promise<Library> {
  return import('../index.ts');
}
