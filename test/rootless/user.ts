import { type RunResult, run } from '../../src/exec/run.ts';
import type { Machine, RemoteOptions } from './machine.ts';

/** Where the ordinary user has kinpod, as the package has it. */
const HOME = 'kinpod';

/** What a machine's ordinary user does: runs kinpod, podman and little else. What programs say goes to the lane's log. */
export class User {
  readonly #machine: Machine;
  readonly #say: (line: string) => void;
  readonly #timeoutFactor: number;

  constructor(machine: Machine, timeoutFactor: number, say: (line: string) => void) {
    this.#machine = machine;
    this.#timeoutFactor = timeoutFactor;
    this.#say = say;
  }

  /** @throws {CommandError} */
  run(argv: readonly string[], options: RemoteOptions = {}): Promise<RunResult> {
    this.#say(`u$ ${argv.join(' ')}`);
    return this.#machine.run('u', argv, { onLine: (line) => this.#say(`   ${line}`), ...options });
  }

  kinpod(args: readonly string[], options: RemoteOptions = {}): Promise<RunResult> {
    return this.run(
      ['env', `KINPOD_TIMEOUT_FACTOR=${this.#timeoutFactor}`, 'node', `${HOME}/dist/kinpod.js`, ...args],
      options,
    );
  }

  /** `kinpod kubectl`: the cluster's own. */
  kubectl(cluster: string, args: readonly string[], options: RemoteOptions = {}): Promise<RunResult> {
    return this.kinpod(['kubectl', '--name', cluster, '--', ...args], options);
  }

  /** @param dir directory of this computer with a built package @param files those of it that kinpod needs */
  async receive(dir: string, files: readonly string[], signal: AbortSignal): Promise<void> {
    await this.run(['rm', '-rf', HOME]);
    await this.run(['mkdir', HOME]);
    await run('tar', ['--create', '--exclude=dist/types', '--directory', dir, ...files], {
      // Read from the first moment on: what comes before a reader is lost.
      consume: async (archive) => void (await this.run(['tar', '-x', '-C', HOME], { input: archive })),
      signal,
    });
  }
}
