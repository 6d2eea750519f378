/**
 * How long work tells what it is doing. Narrow on purpose: renderers (a terminal, plain lines, nothing) implement it,
 * and everything below the CLI only knows this.
 */
export interface Progress {
  /** Begin a step, shown as running until it ends. One step is shown at a time; beginning one ends the step before as done. */
  step(title: string): ProgressStep;
  /** A line of its own: something worth knowing that is not a step. */
  info(line: string): void;
  warn(line: string): void;
  /** Shown with `-v 1` and more. */
  debug(line: string): void;
}

export interface ProgressStep {
  /** What is being waited for right now; shown beside the title where there is a terminal. */
  detail(text: string): void;
  done(): void;
  fail(): void;
}

/** Shows nothing. For library users and tests. */
export const silent: Progress = {
  step: () => ({ detail() {}, done() {}, fail() {} }),
  info() {},
  warn() {},
  debug() {},
};
