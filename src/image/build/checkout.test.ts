import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../exec/run.ts';
import { hasStaging, readCheckout, versionFromGit, versionInName } from './checkout.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-checkout-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function tree(name: string): Promise<string> {
  await mkdir(join(dir, name));
  await writeFile(join(dir, name, 'go.mod'), 'module k8s.io/kubernetes\n\ngo 1.26.0\n');
  return join(dir, name);
}

// The left side is from `git describe --tags --match=v* --abbrev=14` in a clone of kubernetes/kubernetes.
test.each([
  ['v1.36.3', 'v1.36.3'],
  ['v1.36.3-5-gabcdef01234567', 'v1.36.3-5+abcdef01234567'],
  ['v1.37.0-alpha.1-55-gabcdef01234567', 'v1.37.0-alpha.1.55+abcdef01234567'],
  ['v1.37.0-rc.0', 'v1.37.0-rc.0'],
  ['', undefined],
])('what git describes as "%s" is the version %s', (described, version) => {
  expect(versionFromGit(described)).toBe(version);
});

test.each([
  ['kubernetes-1.36.3', '1.36.3'],
  ['kubernetes@v1.36.3', '1.36.3'],
  ['kubernetes-1.37.0-rc.1', '1.37.0-rc.1'],
  ['kubernetes', undefined],
  ['my-kubernetes-1.36.3-fork', undefined],
])('a directory %s has the version %s in its name', (name, version) => {
  expect(versionInName(name)).toBe(version);
});

test('the version is what the user says, else what the name tells, else it is asked for', async () => {
  expect((await readCheckout(await tree('kubernetes-1.35.4'), undefined)).version).toBe('v1.35.4');
  expect((await readCheckout(join(dir, 'kubernetes-1.35.4'), 'v1.36.3')).version).toBe('v1.36.3');
  await expect(readCheckout(await tree('work'), undefined)).rejects.toMatchObject({
    code: 'unknown-version',
    hint: expect.stringContaining('--k8s-version'),
  });
});

test('git tells the version of a clone, and whether it was changed', async () => {
  const clone = await tree('clone');
  const git = (...args: string[]) =>
    run('git', ['-C', clone, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z' },
    });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message=x');
  await git('tag', 'v1.36.3');
  expect(await readCheckout(clone, undefined)).toEqual({
    dir: clone,
    version: 'v1.36.3',
    madeAt: '2026-01-02T03:04:05.000Z',
  });
  await writeFile(join(clone, 'go.mod'), 'module k8s.io/kubernetes\n');
  expect((await readCheckout(clone, undefined)).version).toBe('v1.36.3-dirty');
});

test('a directory of something else is refused', async () => {
  await expect(readCheckout(dir, 'v1.36.3')).rejects.toMatchObject({ code: 'not-a-checkout' });
});

test('only a whole checkout has its staging modules', async () => {
  const whole = await tree('whole');
  expect(hasStaging(whole)).toBe(false);
  await mkdir(join(whole, 'staging/src/k8s.io/api'), { recursive: true });
  await writeFile(join(whole, 'staging/src/k8s.io/api/go.mod'), '');
  expect(hasStaging(whole)).toBe(true);
});
