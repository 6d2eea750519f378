import { KinpodError } from '../errors/kinpod-error.ts';
import type { Progress, ProgressStep } from '../progress/progress.ts';
import type { BootEvent } from './steps/boot.ts';

const ORDER = ['preparing', 'balancer', 'writing', 'starting', 'cni', 'storage', 'members', 'workers'] as const;
type Stage = (typeof ORDER)[number];

/**
 * What the user sees of a create: kind's steps in kind's order, though underneath much of it runs at the same time.
 * Scripts look for these texts.
 */
export class Stages {
  readonly #progress: Progress;
  readonly #hasCni: boolean;
  readonly #titles: Record<Stage, string>;
  #reached = -1;
  #current: ProgressStep | undefined;

  /** @param hasCni false where the network is the user's business */
  constructor(progress: Progress, nodes: number, hasCni: boolean) {
    this.#hasCni = hasCni;
    this.#progress = progress;
    this.#titles = {
      preparing: `Preparing nodes ${'📦 '.repeat(nodes)}`,
      balancer: 'Configuring the external load balancer ⚖️',
      writing: 'Writing configuration 📜',
      starting: 'Starting control-plane 🕹️',
      cni: 'Installing CNI 🔌',
      storage: 'Installing StorageClass 💾',
      members: 'Joining more control-plane nodes 🎮',
      workers: 'Joining worker nodes 🚜',
    };
  }

  /** Nodes go through the stages at the same time: a stage begins with the first that comes to it. */
  enter(stage: Stage): void {
    if (ORDER.indexOf(stage) <= this.#reached) return;
    this.#reached = ORDER.indexOf(stage);
    this.#current?.done();
    this.#current = this.#progress.step(this.#titles[stage]);
  }

  /** The steps of a boot come from inside the node. */
  bootEvent(event: BootEvent): void {
    if (event.state === 'setup') {
      // The network's configuration was written before the node started.
      if (this.#hasCni) this.enter('cni');
      this.enter('storage');
    }
    this.#current?.detail(event.text);
  }

  async waitForReady(limitMs: number, work: () => Promise<void>): Promise<void> {
    this.done();
    const started = Date.now();
    const step = this.#progress.step(`Waiting ≤ ${goDuration(limitMs)} for control-plane = Ready ⏳`);
    this.#current = step;
    try {
      await work();
      this.done();
      this.#progress.info(` • Ready after ${Math.round((Date.now() - started) / 1000)}s 💚`);
    } catch (error) {
      // As in kind, the cluster is there and may still become ready: not a failure of the create.
      if (!(error instanceof KinpodError) || error.code !== 'timeout') throw error;
      this.fail();
      this.#progress.info(` • WARNING: Timed out waiting for Ready ⚠️  (${error.details})`);
    }
  }

  done(): void {
    this.#current?.done();
    this.#current = undefined;
  }

  fail(): void {
    this.#current?.fail();
    this.#current = undefined;
  }
}

/** A duration as Go prints it: `5m0s`, `1h0m0s`, `30s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${h > 0 ? `${h}h` : ''}${h > 0 || m > 0 ? `${m}m` : ''}${s}s`;
}
