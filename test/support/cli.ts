import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, run } from '../../src/exec/run.ts';
import { eventually } from './eventually.ts';

/** Root of the source tree. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program under test: the bundled file, as users have it. */
export const KINPOD = join(root, 'dist', 'kinpod.js');

// What a developer has set for kind or kinpod must not decide what the tests see. KINPOD_TEST_… is for the tests themselves.
for (const name of Object.keys(process.env)) {
  if (/^(KIND|KINPOD)_(?!TEST_)/.test(name)) delete process.env[name];
}

export interface CliOptions {
  env?: Readonly<Record<string, string>> | undefined;
  input?: string | undefined;
  /** Milliseconds; a program that takes longer fails the test. Default 3 minutes. */
  timeoutMs?: number | undefined;
  /** Default {@link KINPOD}. */
  program?: string | undefined;
}

/** Run the real program to its end, whatever its exit code. */
export async function kinpod(args: readonly string[], options: CliOptions = {}): Promise<RunResult> {
  const { env, input, timeoutMs = 180_000, program = KINPOD } = options;
  const limit = AbortSignal.timeout(timeoutMs);
  const printed: string[] = [];
  try {
    return await run(process.execPath, [program, ...args], {
      env,
      input,
      signal: limit,
      allowFailure: true,
      onLine: (line) => printed.push(line),
    });
  } catch (cause) {
    if (!limit.aborted) throw cause;
    const text = [`kinpod ${args.join(' ')} was ended after ${timeoutMs / 1000} s. It printed:`, ...printed].join('\n');
    throw new Error(text, { cause });
  }
}

/** A kinpod that is at work, in a process group of its own as a shell would give it. */
export class RunningKinpod {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, program: string = KINPOD) {
    this.#child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('exit', (code) => resolve(code ?? -1));
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Wait until it has printed something. Looks often: what is tested is what happens at that very moment. */
  async hasPrinted(text: string): Promise<void> {
    await eventually(async () => this.#stderr.includes(text), {
      withinMs: 60_000,
      everyMs: 2,
      what: `"${text}" in what kinpod prints; it printed: ${this.#stderr}`,
    });
  }

  /** Signal kinpod alone, as `kill` does. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Signal kinpod and what it has started, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.#pid(), signal);
  }

  /** Exit code; -1 where a signal ended it. */
  ended(): Promise<number> {
    return this.#ended;
  }

  /**
   * Wait until the engine has finished what a killed kinpod had begun: those commands live on. One that watches a node lives as
   * long as the node and is not waited for.
   */
  async orphansEnded(): Promise<void> {
    await eventually(async () => !processesOf(this.#pid()).some((command) => !command.includes(' exec ')), {
      withinMs: 30_000,
      what: "the killed kinpod's engine commands",
    });
  }

  #pid(): number {
    if (this.#child.pid === undefined) throw new Error('kinpod was not started');
    return this.#child.pid;
  }
}

/** Command lines of the processes in a group. */
function processesOf(group: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // "pid (name) state parent group ...", and a name may hold anything.
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        if (Number(fields[2]) !== group || fields[0] === 'Z') return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return []; // It has just ended.
      }
    });
}
