import type { Path, Problem } from './problem.ts';
import type { Mark } from './yaml/yaml-error.ts';

/**
 * What is found while a document is decoded, told twice: to the user all of it, with paths and columns; and as Go tells it,
 * which collects what does not fit by line, and gives up at what cannot be.
 */
export class Findings {
  readonly problems: Problem[] = [];
  readonly #typeErrors: string[] = [];
  #fatalError: string | undefined;
  #unseen = 0;

  /** What Go says, undefined if it is content. */
  get goError(): string | undefined {
    if (this.#fatalError !== undefined) return this.#fatalError;
    if (this.#typeErrors.length === 0) return undefined;
    return `yaml: unmarshal errors:\n  ${this.#typeErrors.join('\n  ')}`;
  }

  get areUnseen(): boolean {
    return this.#unseen > 0;
  }

  /** Go collects it. @param line where Go says it is; default: that of `at` */
  add(path: Path, at: Mark, message: string, goText: string, line = at.line): void {
    this.problems.push({ path, at, message });
    if (!this.areUnseen) this.#typeErrors.push(`line ${line + 1}: ${goText}`);
  }

  /** Go gives up here; what is found later is told to the user alone. */
  addFatal(path: Path, at: Mark | undefined, message: string, goText: string): void {
    this.problems.push({ path, at, message });
    if (!this.areUnseen) this.#fatalError ??= goText;
  }

  /** Within `work`, Go does not look any more. */
  unseenByGo<T>(work: () => T): T {
    this.#unseen++;
    try {
      return work();
    } finally {
      this.#unseen--;
    }
  }
}
