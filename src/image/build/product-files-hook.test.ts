import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const hook = fileURLToPath(new URL('../../../images/node/rootfs/kind/bin/mount-product-files.sh', import.meta.url));

test('the hook takes all that a runtime writes to it, also where there is nothing to hide', async () => {
  const script = (await readFile(hook, 'utf8')).replaceAll('/dmi/id', '/dmi/not-on-this-machine');
  // More than a pipe holds: what nobody takes is an error.
  const state = JSON.stringify({ ociVersion: '1.0.2', bundle: '/run/a', annotations: { a: 'x'.repeat(200_000) } });
  const child = spawn('sh', ['-c', script]);
  const refused: Error[] = [];
  child.stdin.on('error', (error) => refused.push(error)).end(state);
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(0);
  expect(refused).toEqual([]);
});
