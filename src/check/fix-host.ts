import { commandLine } from '../exec/run.ts';
import { scaled } from '../exec/time-factor.ts';
import { type Progress, silent } from '../progress/progress.ts';
import type { CheckResult } from './check.ts';
import { type CheckReport, checkHost } from './check-host.ts';
import type { Fix, FixCommand } from './fix.ts';
import type { Host, HostCommandResult } from './host.ts';
import { lastLine } from './podman-state.ts';

/** A result that kinpod can mend by itself. */
export type Mendable = CheckResult & { fix: Fix };

export interface FixOptions {
  signal?: AbortSignal | undefined;
  progress?: Progress | undefined;
  /** Asked before each fix. Default: everything is mended. */
  confirm?: ((result: Mendable) => Promise<boolean>) | undefined;
}

export interface FixAttempt {
  id: string;
  title: string;
  /** `pending`: done, and of effect after what `reason` says. */
  outcome: 'fixed' | 'pending' | 'failed' | 'declined';
  reason?: string;
}

/** What the host is like afterwards, and what was tried. */
export interface FixReport extends CheckReport {
  attempts: FixAttempt[];
}

/** Packages may have to be fetched over a slow line. */
const COMMAND_TIMEOUT_MS = 15 * 60_000;

/**
 * Run the fixes of everything in the report that is not ok and has one, and check again, until nothing new can be mended
 * (where Podman was missing, much else shows only when it is there). Each fix is tried once; a failure does not keep
 * the others from being tried.
 * @throws AbortError if `signal` aborts
 */
export async function fixHost(report: CheckReport, host: Host, options: FixOptions = {}): Promise<FixReport> {
  const progress = options.progress ?? silent;
  const attempts = new Map<string, FixAttempt>();
  const runner = new FixRunner(host, options.signal);
  let now = report;
  for (;;) {
    const todo = now.results.filter(isMendable).filter((result) => !attempts.has(result.id));
    if (todo.length === 0) return { ...now, attempts: [...attempts.values()] };
    const complaints = new Map<string, string | undefined>();
    for (const result of todo) {
      if (options.confirm && !(await options.confirm(result))) {
        attempts.set(result.id, { id: result.id, title: result.title, outcome: 'declined' });
        continue;
      }
      if (result.fix.commands.some((command) => command.asRoot)) await runner.becomeRoot();
      const step = progress.step(`Mending: ${result.title}`);
      const complaint = await runner.apply(result.fix, (line) => step.detail(line));
      complaints.set(result.id, complaint);
      if (complaint === undefined) step.done();
      else step.fail();
    }
    if (complaints.size > 0) now = await checkHost(host, { ...now, signal: options.signal });
    for (const [id, complaint] of complaints) {
      const before = todo.find((result) => result.id === id) as Mendable;
      const after = now.results.find((result) => result.id === id);
      attempts.set(id, { id, title: before.title, ...outcome(before, after, complaint) });
    }
  }
}

/** True where a result is not ok and its fix has commands. */
export function isMendable(result: CheckResult): result is Mendable {
  return result.status !== 'ok' && result.fix !== undefined && result.fix.commands.length > 0;
}

const SEVERITY = { ok: 0, warning: 1, error: 2 } as const;

/** What counts is what the check says now, not what the commands said. */
function outcome(
  before: Mendable,
  after: CheckResult | undefined,
  complaint: string | undefined,
): Pick<FixAttempt, 'outcome' | 'reason'> {
  if (after === undefined || SEVERITY[after.status] < SEVERITY[before.status]) return { outcome: 'fixed' };
  if (complaint !== undefined) return { outcome: 'failed', reason: complaint };
  if (before.fix.afterwards !== undefined) return { outcome: 'pending', reason: before.fix.afterwards };
  return { outcome: 'failed', reason: `its commands ran, and still: ${after.reason}` };
}

/** Runs the commands of fixes, each once: several fixes may begin with the same one. */
class FixRunner {
  readonly #host: Host;
  readonly #signal: AbortSignal | undefined;
  readonly #succeeded = new Set<string>();
  #askedSudo = false;

  constructor(host: Host, signal: AbortSignal | undefined) {
    this.#host = host;
    this.#signal = signal;
  }

  /** Have sudo ask for its password (on the terminal, by itself) before a progress display is in its way. */
  async becomeRoot(): Promise<void> {
    if (this.#host.uid === 0 || this.#askedSudo) return;
    this.#askedSudo = true;
    const { exitCode } = await this.#run(['sudo', '-n', 'true']);
    if (exitCode !== 0 && exitCode !== 127) await this.#run(['sudo', '-v']);
  }

  /** @returns undefined if all went well, else the failing command and what it said */
  async apply(fix: Fix, onLine: (line: string) => void): Promise<string | undefined> {
    for (const command of fix.commands) {
      const argv = this.#argv(command);
      const line = commandLine(argv[0] ?? '', argv.slice(1));
      const key = `${line}\n${command.input ?? ''}`;
      if (this.#succeeded.has(key)) continue;
      const { exitCode, stdout, stderr } = await this.#run(argv, command.input, onLine);
      if (exitCode === 0) {
        this.#succeeded.add(key);
      } else if (!command.mayFail) {
        const said = lastLine(stderr) || lastLine(stdout) || `exit code ${exitCode}`;
        return argv[0] === 'sudo' && exitCode === 127
          ? `needs root, and sudo is not there: ${line}`
          : `${line}: ${said}`;
      }
    }
    return undefined;
  }

  #argv(command: FixCommand): readonly string[] {
    return command.asRoot && this.#host.uid !== 0 ? ['sudo', ...command.argv] : command.argv;
  }

  async #run(argv: readonly string[], input?: string, onLine?: (line: string) => void): Promise<HostCommandResult> {
    const [program = '', ...args] = argv;
    const result = await this.#host.run(program, args, {
      timeoutMs: scaled(COMMAND_TIMEOUT_MS),
      signal: this.#signal,
      input,
      onLine,
    });
    this.#signal?.throwIfAborted();
    return result;
  }
}
