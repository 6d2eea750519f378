import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../src/exec/run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is told of a file of tests. */
async function outcomes(file: string): Promise<object[]> {
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-outcomes-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const told = join(dir, 'outcomes');
  const options = { config: false, watch: false, include: [file], reporters: ['./scripts/outcomes-reporter.mjs'] };
  const script = `import { startVitest } from 'vitest/node'; await startVitest('test', [], ${JSON.stringify(options)});`;
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    env: { KINPOD_TEST_OUTCOMES: told },
  });
  return (await readFile(told, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('every test that is skipped with its suite gives the reason of that, and no hook around it runs', async () => {
  const file = 'scripts/testing/skipped.ts';
  const skipped = [
    'a suite > has a test: kind is not here',
    'a suite > has a suite > with case 1: kind is not here',
    'a suite > has a suite > with case 2: kind is not here',
    "a suite of 'ipv6' > has a test: there is no IPv6",
    'a test: only root may',
    'a silent test: gives no reason',
  ];
  expect(await outcomes(file)).toEqual([{ project: '', file, passed: 0, skipped, failed: false }]);
});

test('without a reason a suite runs, and its tests may find one', async () => {
  const file = 'scripts/testing/partly-skipped.ts';
  const skipped = ['a suite > finds out: a port is taken'];
  expect(await outcomes(file)).toEqual([{ project: '', file, passed: 1, skipped, failed: false }]);
});
