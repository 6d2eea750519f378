import { appendFileSync } from 'node:fs';

/** @typedef {import('vitest/reporters').Reporter} Reporter */

/**
 * Writes the tests that did not run, each with the reason it gave, into the file that KINPOD_TEST_SKIPS names:
 * a test that is skipped in silence looks like one that passed.
 * @implements {Reporter}
 */
export default class SkipsReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const file = process.env.KINPOD_TEST_SKIPS;
    if (!file) return;
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const reason = (result.state === 'skipped' && result.note) || 'gives no reason';
        appendFileSync(file, `${module.relativeModuleId}: ${test.fullName}: ${reason}\n`);
      }
    }
  }
}
