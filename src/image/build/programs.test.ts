import { expect, test } from 'vitest';
import { downloaded, nearVersions, substitutes } from './kubernetes-module.ts';
import { goBuildArgs, PROGRAM_GROUPS, type ProgramGroup, tagsFor } from './programs.ts';

const group = (module: string) => PROGRAM_GROUPS.find((g) => g.module === module) as ProgramGroup;

test('programs are reproducible, and made of verified modules only', () => {
  const args = goBuildArgs(group('etcd'), 'v3.6.8', '2026-01-01T00:00:00Z', '/out');
  expect(args).toEqual(expect.arrayContaining(['-mod=readonly', '-trimpath', '-buildvcs=false']));
});

test('a single program is named by the table, because Go would name etcd `server`', () => {
  const args = goBuildArgs(group('etcd'), 'v3.6.8', '', '/out');
  expect(args[args.indexOf('-o') + 1]).toBe('/out/etcd');
});

test('Kubernetes programs know their version', () => {
  const args = goBuildArgs(group('kubernetes'), 'v1.36.3', '2026-07-22T18:07:38Z', '/out');
  const ldflags = args[args.indexOf('-ldflags') + 1];
  expect(ldflags).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3');
  expect(ldflags).toContain('-X k8s.io/component-base/version.gitMinor=36 ');
  expect(ldflags).toContain('-X k8s.io/component-base/version.buildDate=2026-07-22T18:07:38Z');
  expect(args[args.indexOf('-o') + 1]).toBe('/out/');
});

test('names of programs that are built together are the ones that Go gives them', () => {
  for (const { programs } of PROGRAM_GROUPS.filter((g) => g.programs.length > 1)) {
    expect(programs.map((p) => p.name)).toEqual(programs.map((p) => p.package.split('/').at(-1)));
  }
});

const listed = 'k8s.io/kubernetes v1.2.3 v1.35.3 v1.35.4 v1.36.0-rc.1 v1.36.1 v1.36.3';

test.each([
  ['v1.35.9', 'there are v1.35.3, v1.35.4'],
  ['v1.99.0', 'there are v1.2.3, v1.35.3, v1.35.4, v1.36.1, v1.36.3'],
])('for %s, which does not exist, others are offered', (release, hint) => {
  expect(nearVersions(release, listed)).toBe(hint);
});

test('where no list can be had, none is offered', () => {
  expect(nearVersions('v1.36.9', '')).toBeUndefined();
});

test('what the proxy lacks is taken from the nearest older patch, and else not at all', () => {
  const proxy = [
    'k8s.io/api v0.31.0 v0.32.12 v0.32.13',
    'k8s.io/endpointslice v0.31.13 v0.32.9 v0.32.12 v0.33.0',
    'k8s.io/legacy-cloud-providers v0.30.4',
    // A proxy that lists nothing may have everything.
    'k8s.io/metrics',
  ].join('\n');
  expect([...substitutes('v0.32.13', proxy)]).toEqual([
    ['k8s.io/endpointslice', 'v0.32.12'],
    ['k8s.io/legacy-cloud-providers', undefined],
  ]);
});

test('releases before 1.31 are compiled without cloud providers, newer ones have none', () => {
  expect(['v1.29.6', 'v1.30.14', 'v1.31.0', 'v1.36.3'].map(tagsFor)).toEqual([
    ['providerless'],
    ['providerless'],
    [],
    [],
  ]);
  const args = goBuildArgs(group('kubernetes'), 'v1.30.14', '', '/out', tagsFor('v1.30.14'));
  expect(args[args.indexOf('-tags') + 1]).toBe('providerless');
});

test('what a proxy has without listing it is told by a download', () => {
  const output = '{\n\t"Path": "k8s.io/kubectl",\n\t"Zip": "x"\n}\n{\n\t"Path": "k8s.io/x",\n\t"Error": "403"\n}\n';
  expect(downloaded(output)).toEqual(['k8s.io/kubectl']);
  expect(downloaded('')).toEqual([]);
});
