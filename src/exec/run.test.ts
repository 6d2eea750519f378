import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandError, run } from './run.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-run-'));
});
afterAll(() => rm(dir, { recursive: true }));

const node = (script: string) => ['-e', script];

describe('what a consumer takes', () => {
  test('is all of stdout, and nothing is captured', async () => {
    let seen = '';
    const result = await run(process.execPath, node("console.log('data'); console.error('talk')"), {
      consume: async (stdout) => {
        seen = await text(stdout);
      },
    });
    expect(seen).toBe('data\n');
    expect(result).toMatchObject({ stdout: '', stderr: 'talk' });
  });

  test('ends the program where it is refused', async () => {
    const endless = node("setInterval(() => console.log('x'.repeat(1000)), 1)");
    const consume = async () => {
      throw new Error('enough');
    };
    await expect(run(process.execPath, endless, { consume })).rejects.toThrow('enough');
  });

  test('is not what is reported where the program itself failed', async () => {
    const failing = run(process.execPath, node("console.error('disk full'); process.exit(3)"), {
      consume: async (stdout) => {
        await text(stdout);
        throw new Error('cut short');
      },
    });
    await expect(failing).rejects.toMatchObject({
      commandExitCode: 3,
      details: 'disk full',
    } satisfies Partial<CommandError>);
  });

  test('is nothing where the program cannot be started', async () => {
    const consume = async () => {};
    await expect(run(join(dir, 'missing'), [], { consume })).rejects.toMatchObject({ notStarted: true });
  });
});

test('both streams go to one file', async () => {
  const file = join(dir, 'both.log');
  const result = await run(process.execPath, node("console.log('data'); console.error('talk')"), { writeTo: file });
  expect((await readFile(file, 'utf8')).split('\n').sort()).toEqual(['', 'data', 'talk']);
  expect(result).toEqual({ stdout: '', stderr: '', exitCode: 0 });
});

test('an input that ends early with an error does not leave the program waiting', async () => {
  const input = Readable.from(
    (async function* () {
      yield 'one';
      throw new Error('the source broke');
    })(),
  );
  await expect(run('cat', [], { input })).rejects.toThrow('the source broke');
});
