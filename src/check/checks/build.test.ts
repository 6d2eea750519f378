import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { assetsDir } from '../../exec/assets.ts';
import { findingOf } from '../testing/finding.ts';
import type { HostRecord } from '../testing/recorded-host.ts';
import { GO_OF_MODULES } from './go.ts';

const finding = (id: string, change?: (record: HostRecord) => void) => findingOf('sandbox-hybrid-root', id, change);

describe('go', () => {
  const answering = (version: string, toolchain: string) => (r: HostRecord) => {
    r.commands['go env GOVERSION GOTOOLCHAIN'] = { exitCode: 0, stdout: `${version}\n${toolchain}`, stderr: '' };
  };

  test.each([
    ['go1.26.8', 'local', 'ok'],
    ['go1.24.4', 'auto', 'ok'],
    ['go1.24.4', 'local', 'error'],
    ['go1.19.8', '', 'error'],
    ['go1.27rc1', 'local', 'ok'],
  ])('%s with GOTOOLCHAIN=%s is %s', async (version, toolchain, status) => {
    expect((await finding('go', answering(version, toolchain)))?.status).toBe(status);
  });

  test('is not installed from a distribution whose Go is too old', async () => {
    const missing = (r: HostRecord) => {
      delete r.programs.go;
    };
    expect((await finding('go', missing))?.fix).toMatchObject({
      commands: [],
      text: expect.stringContaining('go.dev'),
    });
    const debian13 = await finding('go', (r) => {
      missing(r);
      r.files['/etc/os-release'] = 'ID=debian\nVERSION_ID="13"\n';
    });
    expect(debian13?.fix?.text).toContain('golang-go');
  });

  test('the version asked for is the newest of the modules', () => {
    const modules = join(assetsDir(), 'images', 'node', 'modules');
    const asked = readdirSync(modules).map((name) => {
      const text = readFileSync(join(modules, name, 'go.mod'), 'utf8');
      return semver.coerce(/^go (\S+)$/m.exec(text)?.[1]) ?? '0.0.0';
    });
    expect(String(asked.sort(semver.rcompare)[0])).toBe(GO_OF_MODULES);
  });
});

test('missing build tools are named and installed together', async () => {
  const found = await finding('mmdebstrap', (r) => {
    delete r.programs.mmdebstrap;
  });
  expect(found).toMatchObject({ status: 'error', scope: 'build' });
  expect(found?.reason).toContain('mmdebstrap not found');
  expect(found?.fix?.text).toContain('mmdebstrap debian-archive-keyring');
});

test.each([
  ['a first build', 20, [], 'ok'],
  ['a first build', 6, [], 'warning'],
  ['a first build', 1, [], 'error'],
  ['a later build', 6, ['/cache/kinpod/node-image'], 'ok'],
])('for %s %d GiB of free disk with %j there is %s', async (_, gib, existing, status) => {
  const found = await finding('build-space', (r) => {
    r.env.XDG_CACHE_HOME = '/cache';
    r.existing.push(...existing);
    r.statfs['/cache'] = { type: 61267, freeBytes: gib * 1024 ** 3, totalBytes: 100 * 1024 ** 3 };
  });
  expect(found?.status).toBe(status);
  expect(found?.reason).toContain('GiB free at /cache/kinpod');
});

test('a C compiler is wanted', async () => {
  expect(await finding('c-compiler')).toMatchObject({ status: 'ok', scope: 'build' });
  const without = await finding('c-compiler', (r) => {
    delete r.programs.gcc;
  });
  expect(without).toMatchObject({ status: 'error', reason: expect.stringContaining('runc') });
  expect(without?.fix?.text).toContain('gcc');
});
