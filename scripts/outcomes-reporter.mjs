import { appendFileSync } from 'node:fs';

/** @typedef {import('vitest/reporters').Reporter} Reporter */

/**
 * Writes what the summary of `npm test` has to tell, a JSON line each, into the file that KINPOD_TEST_OUTCOMES names:
 * the tests that did not run with the reason they gave (a test that is skipped in silence looks like one that passed),
 * the files in which something failed, and how many tests passed.
 * @implements {Reporter}
 */
export default class OutcomesReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const file = process.env.KINPOD_TEST_OUTCOMES;
    if (!file) return;
    const write = (/** @type {object} */ outcome) => appendFileSync(file, `${JSON.stringify(outcome)}\n`);
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const reason = test.meta().whySkipped || (result.state === 'skipped' && result.note) || 'gives no reason';
        write({ skipped: `${module.relativeModuleId}: ${test.fullName}: ${reason}` });
      }
      write({ passed: [...module.children.allTests('passed')].length });
      if (module.state() === 'failed') write({ failed: module.relativeModuleId });
    }
  }
}
