import type { Writable } from 'node:stream';
import type { ProgressStep } from './progress.ts';
import type { ProgressRenderer, RendererOptions } from './renderer.ts';

/** One line when a step begins and one when it ends, byte for byte as kind writes them where there is no terminal. */
export class PlainProgress implements ProgressRenderer {
  readonly #stream: Writable;
  readonly #verbosity: number;
  readonly #warning: string;
  readonly #redact: (text: string) => string;
  #waitingFor = '';
  #open: { title: string; startedMs: number } | undefined;

  constructor(options: RendererOptions) {
    this.#stream = options.stream;
    this.#verbosity = options.verbosity;
    this.#warning = options.asKind ? '' : 'WARNING: ';
    this.#redact = options.redact ?? ((text) => text);
  }

  step(title: string): ProgressStep {
    this.#end(true);
    const step = { title, startedMs: performance.now() };
    this.#open = step;
    this.#line(` • ${title}  ...`);
    const end = (succeeded: boolean) => {
      if (this.#open === step) this.#end(succeeded);
    };
    return {
      detail: (text) => this.debug(`${title.trim()}: ${text}`),
      done: () => end(true),
      fail: () => end(false),
    };
  }

  info(line: string): void {
    this.#line(line);
  }

  warn(line: string): void {
    this.#line(`${this.#warning}${line}`);
  }

  debug(line: string): void {
    if (this.#verbosity >= 1) this.#line(`DEBUG: ${line}`);
  }

  waiting(text: string): void {
    if (text === this.#waitingFor) return;
    this.#waitingFor = text;
    this.debug(`waiting for ${text}`);
  }

  close(succeeded: boolean): void {
    this.#end(succeeded);
  }

  #end(succeeded: boolean): void {
    if (!this.#open) return;
    const { title, startedMs } = this.#open;
    this.#open = undefined;
    this.#line(` ${succeeded ? '✓' : '✗'} ${title}`);
    this.debug(`${title.trim()}: took ${((performance.now() - startedMs) / 1000).toFixed(2)}s`);
  }

  #line(text: string): void {
    this.#stream.write(`${this.#redact(text)}\n`);
  }
}
