/** Begin what is awaited later. A failure is told then, or not at all where something else has failed before. */
export function early<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}
