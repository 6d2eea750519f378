/** What is found out once for all who ask, by key. A failure is told to those who waited for it, and the next one tries again. */
export class Remembered<T> {
  readonly #found = new Map<string, Promise<T>>();

  /** What is known or being found out under a key, else what `find` gives. */
  get(key: string, find: () => Promise<T>): Promise<T> {
    return this.#found.get(key) ?? this.set(key, find());
  }

  /** Put something in the place of what was known. */
  set(key: string, finding: Promise<T>): Promise<T> {
    this.#found.set(key, finding);
    finding.catch(() => {
      if (this.#found.get(key) === finding) this.#found.delete(key);
    });
    return finding;
  }

  delete(key: string): void {
    this.#found.delete(key);
  }

  clear(): void {
    this.#found.clear();
  }
}
