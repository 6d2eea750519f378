import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configSchema, validateConfig } from '../index.ts';
import { runMain } from './testing/run-main.ts';

test('config: the schema is data; a valid file is said to be valid, another one is an error', async () => {
  const library = { configSchema, validateConfig };
  expect(JSON.parse((await runMain(['config', 'schema'], { library })).stdout)).toHaveProperty('properties.nodes');
  const stdin = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';
  expect(await runMain(['config', 'validate', '-'], { library, stdin })).toEqual({
    code: 0,
    stdout: '',
    stderr: '<stdin> is valid: cluster "kind", 1 node\n',
  });
  const wrong = await runMain(['config', 'validate', '-'], { library, stdin: `${stdin}nodez: []\n` });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/<stdin>:3:1: .*"nodez".*"nodes"/);
});

describe('config validate', () => {
  const header = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';
  const files = async (...texts: string[]) => {
    const dir = await mkdtemp(join(tmpdir(), 'kinpod-'));
    const paths = texts.map((_, n) => join(dir, `${n}.yaml`));
    await Promise.all(paths.map((path, n) => writeFile(path, texts[n] ?? '')));
    return paths;
  };

  test('looks at every file, and tells of the bad ones together', async () => {
    const [good = '', bad = '', worse = ''] = await files(header, `${header}a: 1\n`, '@');
    const outcome = await runMain(['config', 'validate', bad, good, worse], { library: { validateConfig } });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain(`${good} is valid`);
    expect(outcome.stderr).toContain('ERROR: 2 files are not valid cluster configurations\n');
    expect(outcome.stderr).toContain(`${bad}:3:1: unknown field "a"`);
    expect(outcome.stderr).toContain(`${worse}:1:1: found character that cannot start any token`);
  });

  test('prints JSON', async () => {
    const [good = '', bad = ''] = await files(`${header}---\nx`, `${header}a: 1\nb: 2\n`);
    const { code, stdout, stderr } = await runMain(['config', 'validate', '-o', 'json', good, bad], {
      library: { validateConfig },
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([
      {
        path: good,
        valid: true,
        name: 'kind',
        nodes: 1,
        warnings: [`${good}:4: what follows the first YAML document is not read`],
      },
      {
        path: bad,
        valid: false,
        problems: [
          expect.stringContaining(`${bad}:3:1: unknown field "a"`),
          expect.stringContaining(`${bad}:4:1: unknown field "b"`),
        ],
      },
    ]);
  });
});
