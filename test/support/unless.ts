import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test is skipped. vitest has a note only of those that begin, and before one begins the hooks around it have run. */
    whySkipped?: string;
  }
}

/**
 * Options of a suite or a test that is skipped where there is a reason, which the summary of `npm test` tells. The hooks of a
 * suite that is skipped do not run, nor do those of a file in which everything is. What only the test itself can find out, it
 * says by `skip(condition, reason)`.
 */
export function unless(whyNot: string | undefined): TestOptions {
  return whyNot === undefined ? {} : { skip: true, meta: { whySkipped: whyNot } };
}
