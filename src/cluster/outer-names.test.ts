import { expect, test } from 'vitest';
import { docker } from '../provider/container/docker.ts';
import { podman } from '../provider/container/engine.ts';
import { outerNamesWarnings } from './outer-names.ts';

test.each([
  ['ipv6', docker, [expect.stringMatching(/own names only.*docker's DNS server answers by IPv4.*ipFamily: dual/)]],
  ['ipv6', podman, []],
  ['dual', docker, []],
  ['ipv4', docker, []],
] as const)(
  'of a cluster of the family %s it is told where its pods resolve no names of others',
  (ipFamily, engine, told) => {
    expect(
      outerNamesWarnings({ networking: { ipFamily } } as Parameters<typeof outerNamesWarnings>[0], engine),
    ).toEqual(told);
  },
);
