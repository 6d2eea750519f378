import type { RunResult } from '../../src/exec/run.ts';
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

  /** @param archive tar of the package's files */
  async receive(archive: NonNullable<RemoteOptions['input']>): Promise<void> {
    await this.run(['rm', '-rf', HOME]);
    await this.run(['mkdir', HOME]);
    await this.run(['tar', '-x', '-C', HOME], { input: archive });
  }
}
