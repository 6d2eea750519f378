import { describe, expect, test } from 'vitest';
import { takeCompat } from './compat.ts';
import { runMain } from './testing/run-main.ts';

test.each([
  ['by its name', ['get', 'clusters'], '/usr/local/bin/kind', {}, 'kind'],
  ['by another name', ['get', 'clusters'], '/usr/local/bin/kinpod', {}, 'none'],
  ['by a name that only begins so', ['get'], '/opt/kind/kindly', {}, 'none'],
  ['by the environment', ['get'], 'kinpod', { KINPOD_COMPAT: 'kind' }, 'kind'],
  ['by the environment against the name', ['get'], 'kind', { KINPOD_COMPAT: 'none' }, 'none'],
  ['by a flag', ['--compat', 'kind', 'get'], 'kinpod', {}, 'kind'],
  ['by a flag after others', ['-v', '1', '-q', '--compat=kind', 'get'], 'kinpod', {}, 'kind'],
  ['by a flag against all else', ['--compat=none', 'get'], 'kind', { KINPOD_COMPAT: 'kind' }, 'none'],
  ['not by an argument of a command', ['kubectl', '--compat', 'kind'], 'kinpod', {}, 'none'],
])('asked for %s', (_, argv, calledAs, env, compat) => {
  const taken = takeCompat(argv, calledAs, env);
  expect(taken.compat).toBe(compat);
});

test('the flag is taken off the command line', () => {
  expect(takeCompat(['-q', '--compat', 'kind', 'get', 'nodes'], undefined, {}).argv).toEqual(['-q', 'get', 'nodes']);
});

describe('what is printed', () => {
  const asKind = (argv: string[], library = {}) => runMain(argv, { calledAs: 'kind', library });

  test('an error is one line: no reason, no advice, not even with -v', async () => {
    expect(await asKind(['create', 'cluster', '--config', '/nonexistent', '-v', '1'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ERROR: failed to create cluster: error reading file: open /nonexistent: no such file or directory\n',
    });
  });

  test('-q silences errors too', async () => {
    expect(await asKind(['foo', '-q'])).toEqual({ code: 1, stdout: '', stderr: '' });
    expect(await asKind(['-q', 'create', 'cluster', '--config', '/nonexistent'])).toMatchObject({
      code: 1,
      stderr: '',
    });
  });

  test('a group prints its help as data, and then complains', async () => {
    expect(await asKind(['get'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Usage:\n  kind get [flags]\n  kind get [command]\n'),
      stderr: 'ERROR: Subcommand is required\n',
    });
  });

  test('the version is that of the kind that is meant', async () => {
    const library = { version: () => ({ version: '1.2.3' }) };
    expect((await asKind(['version'], library)).stdout).toMatch(
      /^kind v0\.33\.0 kinpod-v1\.2\.3 linux\/(amd64|arm64)\n$/,
    );
    expect((await asKind(['version', '-q'], library)).stdout).toBe('0.33.0\n');
    expect((await asKind(['--version'])).stdout).toBe('kind version 0.33.0\n');
  });

  test('what is wrong with --compat is said', async () => {
    const { stderr } = await runMain(['--compat', 'k3d', 'get', 'clusters']);
    expect(stderr).toBe('ERROR: invalid value for --compat: "k3d" is not one of kind, none\n');
    expect((await runMain(['get', 'clusters', '--compat', 'kind'])).stderr).toContain(
      '--compat must stand before the command',
    );
  });
});
