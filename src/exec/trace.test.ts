import { expect, test } from 'vitest';
import { run } from './run.ts';
import { type EndedCommand, onCommand } from './trace.ts';

test('who looks on is told what programs printed, but for keys', async () => {
  const told: EndedCommand[] = [];
  onCommand((command) => told.push(command));
  const echo = (text: string, secret?: boolean) => run(process.execPath, ['-p', `'${text}'.toLowerCase()`], { secret });
  expect((await echo('PLAIN')).stdout).toBe('plain');
  expect((await echo('KEY', true)).stdout).toBe('key');
  await expect.poll(() => told.length).toBe(2);
  expect(told[0]).toMatchObject({ exitCode: 0, output: 'plain' });
  expect(told[1]).toMatchObject({ exitCode: 0, output: '(not shown: keys are in it)' });
});
