import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assetsDir } from '../exec/assets.ts';
import { commands } from './commands.ts';
import { referencePage } from './reference.ts';

const page = join(assetsDir(), 'docs', 'reference', 'cli.md');

// Stale? "npm run docs" writes it anew.
test('docs/reference/cli.md says what the command table says', async () => {
  await expect(referencePage(commands)).toMatchFileSnapshot(page);
});

test('every command and flag is on the page', () => {
  const text = referencePage(commands);
  for (const command of commands) expect(text).toContain(`## kinpod ${command.path.join(' ')}\n`);
  expect(text).toContain('`-n, --name NAME`');
  expect(text).toContain('KINPOD_CLUSTER_NAME, KIND_CLUSTER_NAME');
});
