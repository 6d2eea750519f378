import { expect, test } from 'vitest';
import { run } from '../../exec/run.ts';
import { podReceiver } from './commands.ts';

test('a Pod that does not become a machine in its time is told of, with how long was waited', async () => {
  const [program = '', ...args] = await podReceiver(1_000);
  const started = Date.now();
  const { exitCode, stderr } = await run(program, args, { allowFailure: true });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('did not come to an end within 1 s');
  expect(Date.now() - started).toBeLessThan(10_000);
});
