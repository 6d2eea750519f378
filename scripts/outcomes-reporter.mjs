import { appendFileSync } from 'node:fs';

/** @typedef {import('vitest/reporters').Reporter} Reporter */

/**
 * Writes what the summary of `npm test` has to tell into the file that KINPOD_TEST_OUTCOMES names: for each file of tests a JSON
 * line with how many passed, those that did not run with the reason they gave (a test that is skipped in silence looks like one that
 * passed), and whether something failed. Of a file that ran twice the last line counts.
 * @typedef {{ project: string, file: string, passed: number, skipped: string[], failed: boolean }} Outcome
 * @implements {Reporter}
 */
export default class OutcomesReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const file = process.env.KINPOD_TEST_OUTCOMES;
    if (!file) return;
    for (const module of modules) {
      /** @type {Outcome} */
      const outcome = {
        project: module.project.name,
        file: module.relativeModuleId,
        passed: [...module.children.allTests('passed')].length,
        skipped: [...module.children.allTests('skipped')].map((test) => {
          const result = test.result();
          const reason = test.meta().whySkipped || (result.state === 'skipped' && result.note) || 'gives no reason';
          return `${test.fullName}: ${reason}`;
        }),
        failed: module.state() === 'failed',
      };
      appendFileSync(file, `${JSON.stringify(outcome)}\n`);
    }
  }
}
