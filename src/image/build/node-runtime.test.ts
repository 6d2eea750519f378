import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BuildAssets } from './assets.ts';
import { compilerEnv } from './c-library.ts';
import { crioWrapper, pinnedCrioVersion } from './cri-o-module.ts';
import { buildRuntime } from './node-runtime.ts';
import { goBuildArgs, type ProgramGroup } from './programs.ts';

const assets = new BuildAssets(fileURLToPath(new URL('../../..', import.meta.url)));
const runtime = (options: Partial<Parameters<typeof buildRuntime>[0]>) =>
  buildRuntime({ runtime: 'cri-o', imageStore: 'unpacked', crioVersion: undefined, ...options }, assets);

test('containerd is what nodes have if nothing else is said', async () => {
  expect((await runtime({ runtime: undefined })).name).toBe('containerd');
});

test('a version of CRI-O is only something else where it is not the pinned one', async () => {
  const pinned = await pinnedCrioVersion(assets);
  expect(pinned).toMatch(/^v1\.\d+\.\d+$/);
  expect((await runtime({ crioVersion: pinned?.slice(1) })).release).toBeUndefined();
  expect((await runtime({ crioVersion: '1.33.0' })).release).toEqual({ module: 'cri-o', version: 'v1.33.0' });
});

test.each([
  ['a version that is none', { crioVersion: 'latest' }, '"latest" is not a version of CRI-O'],
  [
    'a version of CRI-O for containerd',
    { runtime: 'containerd', crioVersion: '1.33.0' },
    'is for a node image with CRI-O',
  ],
  ['packed images', { imageStore: 'packed' }, 'nodes with CRI-O cannot have packed images'],
] as const)('%s is refused', async (_, options, message) => {
  await expect(runtime(options)).rejects.toThrow(message);
});

test('another version is built with what its own go.mod replaces, and not with directories of its tree', () => {
  const replace = new Map([
    ['example.com/a', 'example.com/b v1.0.0'],
    ['example.com/c', './c'],
  ]);
  expect(crioWrapper('v1.33.0', '1.23.3', replace)).toBe(
    [
      'module kinpod.dev/node/cri-o',
      '',
      'go 1.23.3',
      '',
      'require github.com/cri-o/cri-o v1.33.0',
      '',
      'replace (',
      '\texample.com/a => example.com/b v1.0.0',
      ')',
      '',
    ].join('\n'),
  );
});

test('runc is linked statically, with seccomp', async () => {
  const { groups, programs } = await runtime({ runtime: 'containerd' });
  const group = groups.find((one) => one.module === 'runc') as ProgramGroup;
  const args = goBuildArgs(group, 'v1.5.2', '', '/out');
  expect(args[args.indexOf('-ldflags') + 1]).toContain('-linkmode external -extldflags -static');
  expect(args[args.indexOf('-tags') + 1]?.split(',')).toContain('seccomp');
  // Go would name it by the module's path, too.
  expect(args[args.indexOf('-o') + 1]).toBe('/out/runc');
  expect(programs).toContain('runc');
});

test('CRI-O is linked statically, with seccomp, against a tree of its own', async () => {
  const group = (await runtime({})).groups.find((one) => one.module === 'cri-o') as ProgramGroup;
  const args = goBuildArgs(group, 'v1.34.0', '', '/out');
  expect(args[args.indexOf('-ldflags') + 1]).toContain('-linkmode external -extldflags -static');
  expect(args[args.indexOf('-tags') + 1]?.split(',')).toContain('seccomp');
  expect(compilerEnv({ dir: '/my tree', pkgConfig: '/pkg-config.sh' }, 'arm64')).toEqual({
    CGO_ENABLED: '1',
    CC: [
      'gcc "--sysroot=/my tree"',
      '"-B/my tree/usr/lib/aarch64-linux-gnu"',
      '"-L/my tree/usr/lib/aarch64-linux-gnu"',
      '"-idirafter/my tree/usr/include/aarch64-linux-gnu"',
    ].join(' '),
    PKG_CONFIG: '/pkg-config.sh',
  });
});
