import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterConfigJsonSchema } from '../config/load.ts';
import { assetsDir } from '../exec/assets.ts';
import { commands } from './commands.ts';
import { configReferencePage } from './config-reference.ts';
import { referencePage } from './reference.ts';

const page = (name: string) => join(assetsDir(), 'docs', 'reference', name);

// Is a page stale? "npm run docs" writes it anew.
test('docs/reference/cli.md says what the command table says', async () => {
  await expect(referencePage(commands)).toMatchFileSnapshot(page('cli.md'));
});

test('docs/reference/config.md says what the schema says', async () => {
  await expect(configReferencePage(clusterConfigJsonSchema())).toMatchFileSnapshot(page('config.md'));
});

test('docs/reference/cluster.schema.json is the schema', async () => {
  const json = `${JSON.stringify(clusterConfigJsonSchema(), null, 2)}\n`;
  await expect(json).toMatchFileSnapshot(page('cluster.schema.json'));
});

test('every field of nested objects is on the page', () => {
  const text = configReferencePage(clusterConfigJsonSchema());
  for (const heading of ['`nodes[]`', '`nodes[].extraPortMappings[]`', '`networking`'])
    expect(text).toContain(`## ${heading}\n`);
  expect(text).toMatch(/\| `podSubnet` \| string \| .+ \|/);
});

test('every command and flag is on the page', () => {
  const text = referencePage(commands);
  for (const command of commands) expect(text).toContain(`## kinpod ${command.path.join(' ')}\n`);
  expect(text).toContain('`-n, --name NAME`');
  expect(text).toContain('KINPOD_CLUSTER_NAME, KIND_CLUSTER_NAME');
});
