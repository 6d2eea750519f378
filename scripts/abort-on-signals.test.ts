import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

test.each(['SIGINT', 'SIGTERM'] as const)('what %s interrupts cleans up before it ends', async (name) => {
  const child = spawn(process.execPath, [path('run-typescript.mjs'), path('testing/clean-up.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = text(child.stdout);
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  child.kill(name);
  expect(await closed).toEqual([130, null]);
  expect(await said).toBe(`started\ncleaned up: ended by ${name}\n`);
});
