import { expect, test } from 'vitest';
import { assetsDir } from '../../exec/assets.ts';
import { onPath } from '../../exec/on-path.ts';
import { run } from '../../exec/run.ts';
import { BuildAssets } from './assets.ts';
import { GO_ENV } from './programs.ts';

const cwd = new BuildAssets(assetsDir()).path('programs');
const go = await onPath('go', process.env);

test.for(['vet', 'test'])(
  'go %s passes for pinns and crun-wrapper',
  { timeout: 180_000 },
  async (command, { skip }) => {
    skip(!go, 'go is not installed, and kinpod’s own programs in nodes are tested with it');
    const { exitCode, stdout, stderr } = await run('go', [command, './...'], { cwd, env: GO_ENV, allowFailure: true });
    expect({ exitCode, output: `${stdout}${stderr}` }).toMatchObject({ exitCode: 0 });
  },
);

test('their source is as gofmt writes it', async ({ skip }) => {
  skip(!go, 'gofmt comes with go, which is not installed');
  expect((await run('gofmt', ['-l', '.'], { cwd })).stdout).toBe('');
});
