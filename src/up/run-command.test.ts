import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const run = (...argv: string[]) => runCommand(argv, process.env);

test('the exit status is the command’s, or tells the signal that ended it', async () => {
  expect(await run('true')).toBe(0);
  expect(await run('sh', '-c', 'exit 42')).toBe(42);
  expect(await run('sh', '-c', 'kill -KILL $$')).toBe(137);
});

test('what is not there is an error with a shell’s exit status', async () => {
  await expect(run('/no/such/program')).rejects.toMatchObject({ code: 'command-not-found', exitCode: 127 });
  await expect(run('/etc/passwd')).rejects.toMatchObject({ exitCode: 126 });
});

test('an abort is passed on as SIGTERM, and the command’s own answer to it counts', async () => {
  const stopping = new AbortController();
  const script = 'trap "exit 7" TERM; kill -USR1 "$PPID"; while :; do sleep 0.05; done';
  process.once('SIGUSR1', () => stopping.abort());
  expect(await runCommand(['sh', '-c', script], process.env, stopping.signal)).toBe(7);
});
