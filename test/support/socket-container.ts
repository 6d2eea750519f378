import { cheapFacts, realHost } from '../../src/check/index.ts';
import { type RunOptions, type RunResult, run } from '../../src/exec/run.ts';
import { ulimitArgs } from '../../src/provider/container/engine.ts';
import { eventually } from './eventually.ts';
import { PREFIX } from './podman.ts';

export interface SocketContainerOptions {
  engine: 'podman' | 'docker';
  image: string;
  /** Of this machine's engine, and where it is mounted. */
  socket: () => string;
  at: string;
}

/** A container without privileges, of the pod image, that has the socket of the engine which runs it. */
export class SocketContainer {
  readonly name: string;
  readonly #options: SocketContainerOptions;

  constructor(name: string, options: SocketContainerOptions) {
    this.name = `${PREFIX}${name}`;
    this.#options = options;
  }

  /**
   * @param given flags of `run`
   * @param command of the container; default: what the image does
   */
  async start(given: readonly string[], command: readonly string[] = []): Promise<void> {
    const { engine, image, socket, at } = this.#options;
    const limits = engine === 'podman' ? ulimitArgs(await cheapFacts(realHost())) : [];
    const volume = `--volume=${socket()}:${at}`;
    await this.engine(['run', '--detach', '--name', this.name, ...limits, volume, ...given, image, ...command]);
  }

  /** A command of the engine, which must succeed. */
  async engine(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return (await run(this.#options.engine, args, { timeoutMs: 120_000, ...options })).stdout;
  }

  exec(...argv: string[]): Promise<RunResult> {
    return run(this.#options.engine, ['exec', this.name, ...argv], { timeoutMs: 240_000, allowFailure: true });
  }

  /** Output of a command in it, which must succeed. */
  async output(...argv: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.exec(...argv);
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}:\n${stderr}\n${await this.logs()}`);
    return stdout;
  }

  async logs(): Promise<string> {
    const { stdout, stderr } = await run(this.#options.engine, ['logs', this.name], { allowFailure: true });
    return `${stdout}\n${stderr}`;
  }

  async state<T>(field: string): Promise<T> {
    return JSON.parse(await this.engine(['inspect', '--format', `{{json ${field}}}`, this.name])) as T;
  }

  async networks(): Promise<string[]> {
    return Object.keys(await this.state<Record<string, unknown>>('.NetworkSettings.Networks'));
  }

  /** Wait until its exec probe says that the cluster takes requests. @returns seconds that it took */
  async isReady(): Promise<number> {
    const started = Date.now();
    await eventually(
      async () => {
        if (!(await this.state<boolean>('.State.Running'))) throw new Error(`it has ended:\n${await this.logs()}`);
        return (await this.exec('kinpod-ready')).exitCode === 0;
      },
      { withinMs: 240_000, everyMs: 200, what: `the cluster of ${this.name}` },
    );
    return (Date.now() - started) / 1000;
  }

  /** Told to end, as `stop` does, with time enough. */
  async stop(): Promise<void> {
    await this.engine(['stop', '--time', '60', this.name]);
  }

  async remove(): Promise<void> {
    const atOnce = this.#options.engine === 'podman' ? ['--time', '0'] : [];
    await this.engine(['rm', '--force', '--volumes', ...atOnce, this.name]);
  }
}
