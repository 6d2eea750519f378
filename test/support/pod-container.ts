import { request } from 'node:https';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { type RunResult, run } from '../../src/exec/run.ts';
import { ulimitArgs } from '../../src/provider/container/engine.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-ports.ts';
import { PREFIX, podman } from './podman.ts';

/** What docs/in-a-pod.md says `podman run` is to be given, and the limits of a host that has low ones. */
export async function podArgs(): Promise<string[]> {
  const limits = ulimitArgs(await cheapFacts(realHost()));
  return ['--privileged', '--cgroupns=private', '--pids-limit=-1', '--read-only', ...limits];
}

/** A container of the pod image with a volume and a port that stay when it is removed. */
export class PodContainer {
  readonly name: string;
  readonly volume: string;
  readonly #image: string;
  #port = 0;

  /** @param name `removeTestObjects` removes container and volume by it */
  constructor(name: string, image: string) {
    this.name = `${PREFIX}${name}`;
    this.volume = this.name;
    this.#image = image;
  }

  /** Of this host, where the API server is published. */
  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#port ||= await freePort();
    const volume = `--volume=${this.volume}:/var/lib/containers`;
    const publish = `--publish=127.0.0.1:${this.#port}:6443`;
    await podman(['run', '--detach', '--name', this.name, ...(await podArgs()), volume, publish, this.#image]);
  }

  /** As a machine that breaks down would. */
  async remove(): Promise<void> {
    await podman(['rm', '--force', '--time', '0', this.name]);
  }

  exec(...argv: string[]): Promise<RunResult> {
    return run('podman', ['exec', this.name, ...argv], { timeoutMs: 60_000, allowFailure: true });
  }

  async logs(): Promise<string> {
    const { stdout, stderr } = await run('podman', ['logs', this.name], { allowFailure: true });
    return `${stdout}\n${stderr}`;
  }

  /** Wait until the API server answers on this host's port. */
  async answers(): Promise<void> {
    await eventually(
      async () => {
        const running = await podman(['inspect', '--format', '{{.State.Running}}', this.name]);
        if (running !== 'true') throw new Error(`the container has ended:\n${await this.logs()}`);
        return (await readyz(`${this.url}/readyz`)) === 'ok';
      },
      { withinMs: 150_000, everyMs: 100, what: `${this.url}/readyz` },
    );
  }

  /** Wait until the exec probe says that it is ready. */
  async isReady(): Promise<void> {
    await eventually(async () => (await this.exec('kinpod-ready')).exitCode === 0, {
      withinMs: 150_000,
      everyMs: 200,
      what: 'the exec probe',
    });
  }
}

/** As a probe asks: without looking at the certificate, and on a connection of its own. */
function readyz(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, rejectUnauthorized: false, timeout: 3_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 3 s')));
    asked.on('error', reject);
    asked.end();
  });
}
