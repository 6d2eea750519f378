import type { Readable, Writable } from 'node:stream';
import { isAbort, KinpodError } from '../errors/kinpod-error.ts';
import { variable } from '../exec/variables.ts';
import { chooseRenderer } from '../progress/choose-renderer.ts';
import type { ProgressRenderer } from '../progress/renderer.ts';
import { isSmartTerminal } from '../progress/terminal.ts';
import { version } from '../version.ts';
import type { AnyCommand, Library } from './command.ts';
import { formatError } from './format-error.ts';
import { program } from './groups.ts';
import { createOutput } from './output.ts';
import type { Request } from './parse.ts';
import { redact } from './redact.ts';

/** The edges of the process, passed in so that a test can stand for each. */
export interface Edges {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  env: NodeJS.ProcessEnv;
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
  if (argv.length === 1 && argv[0] === '--version') {
    edges.stdout.write(`${program.name} version ${version().version}\n`);
    return 0;
  }
  let verbosity = 0;
  let progress: ProgressRenderer | undefined;
  try {
    const request = await read(argv, edges);
    if (request.kind === 'print') {
      edges.stdout.write(request.text);
      return 0;
    }
    verbosity = request.globals.verbosity ?? 0;
    const { quiet } = request.globals;
    progress = chooseRenderer({ stream: edges.stderr, env: edges.env, quiet, verbosity, redact });
    const { command } = request;
    // A program that the terminal was passed on to got the same signal, and has its own words.
    if (!command.passThrough && !command.readOnly) announceInterrupt(edges.signal, progress);
    const work = command.run({
      args: request.args,
      flags: request.flags,
      kinpod: await (edges.loadLibrary ?? loadLibrary)(),
      common: {
        progress,
        signal: edges.signal,
        env: edges.env,
        provider: variable(edges.env, 'EXPERIMENTAL_PROVIDER'),
      },
      out: createOutput(edges.stdout, progress, quiet),
      stdin: edges.stdin,
      confirm: async (question) => (await import('./confirm.ts')).confirm(question, edges),
    });
    const code = await (command.readOnly ? Promise.race([work, aborted(edges.signal)]) : work);
    progress.close(true);
    return code || 0;
  } catch (error) {
    progress?.close(false);
    // Ctrl-C reaches the engine's commands too: what they then complain of is not what happened.
    const interrupted = edges.signal.aborted && (isAbort(error) || error instanceof KinpodError);
    const failure = interrupted ? new KinpodError('interrupted', { code: 'interrupted' }) : error;
    const color = isSmartTerminal(edges.stderr, edges.env);
    edges.stderr.write(redact(formatError(failure, { color, stack: verbosity >= 1 })));
    return failure instanceof KinpodError ? failure.exitCode : 1;
  }
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
async function read(argv: readonly string[], edges: Edges): Promise<Request> {
  const [{ parse }, { commands }] = await Promise.all([import('./parse.ts'), import('./commands.ts')]);
  return parse(edges.commands ?? commands, argv, edges.env, version().version);
}

function loadLibrary(): Promise<Library> {
  return import('../index.ts');
}
