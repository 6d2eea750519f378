import type { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { ProgressStep } from './progress.ts';
import type { ProgressRenderer, RendererOptions } from './renderer.ts';

/** Ten pictures a second are smooth, and cost nothing. */
const FRAME_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** A step shorter than this shows no clock: numbers that flicker by tell nothing. Seconds. */
const CLOCK_AFTER_S = 2;

/** Of a terminal that does not know its width: it says 0, or nothing. */
const USUAL_COLUMNS = 80;

const CLEAR_LINE = '\r\x1b[2K';
const green = (text: string) => `\x1b[32m${text}\x1b[0m`;
const red = (text: string) => `\x1b[31m${text}\x1b[0m`;
const yellow = (text: string) => `\x1b[33m${text}\x1b[0m`;
const dim = (text: string) => `\x1b[2m${text}\x1b[0m`;

interface OpenStep {
  title: string;
  detail: string;
  startedMs: number;
}

/** A step in progress is one line that moves: spinner, title, elapsed time and what is being waited for. */
export class SpinnerProgress implements ProgressRenderer {
  readonly #stream: Writable;
  readonly #redact: (text: string) => string;
  readonly #warning: string;
  #open: OpenStep | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(options: RendererOptions) {
    this.#stream = options.stream;
    this.#redact = options.redact ?? ((text) => text);
    this.#warning = options.asKind ? '' : `${yellow('WARNING')}: `;
  }

  step(title: string): ProgressStep {
    this.#end(true);
    const step: OpenStep = { title, detail: '', startedMs: Date.now() };
    this.#open = step;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    // The work keeps the process alive, not its picture.
    this.#timer.unref();
    const end = (succeeded: boolean) => {
      if (this.#open === step) this.#end(succeeded);
    };
    return {
      detail: (text) => {
        step.detail = text;
      },
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

  debug(): void {
    // With -v the lines are plain ones: see chooseRenderer.
  }

  waiting(text: string): void {
    if (this.#open) this.#open.detail = text;
  }

  close(succeeded: boolean): void {
    this.#end(succeeded);
  }

  #end(succeeded: boolean): void {
    if (!this.#open) return;
    const { title, startedMs } = this.#open;
    this.#open = undefined;
    clearInterval(this.#timer);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const clock = seconds >= CLOCK_AFTER_S ? dim(`  ${elapsed(seconds)}`) : '';
    const mark = succeeded ? green('✓') : red('✗');
    this.#stream.write(`${CLEAR_LINE} ${mark} ${this.#redact(title)}${clock}\n`);
  }

  /** A line above the moving one. */
  #line(text: string): void {
    this.#stream.write(`${this.#open ? CLEAR_LINE : ''}${this.#redact(text)}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#open) return;
    const frame = FRAMES[this.#frame++ % FRAMES.length] ?? '';
    const seconds = Math.floor((Date.now() - this.#open.startedMs) / 1000);
    const clock = seconds >= CLOCK_AFTER_S ? elapsed(seconds) : '';
    const columns = (this.#stream as { columns?: number }).columns || USUAL_COLUMNS;
    const title = this.#redact(this.#open.title);
    // The detail is what gives way: a line that wraps cannot be drawn over.
    const room = columns - 1 - width(` ${frame} ${title}  ${clock}  `);
    const detail = room > 8 ? cut(firstLine(this.#redact(this.#open.detail)), room) : '';
    const rest = [clock, detail].filter(Boolean).join('  ');
    const line = ` ${frame} ${cut(title, columns - 5)}${rest && `  ${dim(rest)}`}`;
    this.#stream.write(`${CLEAR_LINE}${line}`);
  }
}

/** `58s`, `3m05s` */
export function elapsed(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).split(/[\r\n]/, 1)[0] ?? '';
}

/** Columns that a text takes; emoji and other pictures take two, their selectors and joiners none. */
export function width(text: string): number {
  let columns = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    columns += /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uFF00-\uFF60]/u.test(segment)
      ? 2
      : 1;
  }
  return columns;
}

/** The part of a text that fits into so many columns, with `…` where something was cut. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let fitting = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (width(fitting + segment) > columns - 1) break;
    fitting += segment;
  }
  return `${fitting}…`;
}
