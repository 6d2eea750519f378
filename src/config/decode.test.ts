import { describe, expect, it } from 'vitest';
import { loadClusterConfig } from './load.ts';

/** Values and verdicts as kind 0.33 gives them (Go's yaml.v3 into int32, bool, string); undefined: refused. */
const HEADER = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

function read<T>(body: string, pick: (config: ReturnType<typeof loadClusterConfig>['config']) => T): T | undefined {
  try {
    return pick(loadClusterConfig({ text: HEADER + body, path: 'c.yaml' }).config);
  } catch {
    return undefined;
  }
}

describe('where a number is wanted', () => {
  it.each([
    ['80', 80],
    ['+80', 80],
    ['-1', -1],
    ['-0', 0],
    ['0x50', 80],
    ['0X50', 80],
    ['0b101', 5],
    ['0o17', 15],
    ['017', 15],
    ['08', 8],
    ['1_000', 1000],
    ['80.9', 80],
    ['-1.9', -1],
    ['8e1', 80],
    ['.5', 0],
    ['!!int "80"', 80],
    ['null', 0],
    ['~', 0],
    ['"80"', undefined],
    ['!!str 80', undefined],
    ['_1', undefined],
    ['0x', undefined],
    ['.inf', undefined],
    ['1e400', undefined],
    ['99999999999999999999999', undefined],
    ['true', undefined],
    ['2001-01-01', undefined],
    ['""', undefined],
    ['[]', undefined],
    ['-2', undefined],
    ['65535', 65535],
    ['65535.9', 65535],
    ['65536', undefined],
  ])('%s is %s', (text, expected) => {
    expect(read(`networking: {apiServerPort: ${text}}`, (c) => c.networking.apiServerPort)).toBe(expected);
  });
});

describe('where a boolean is wanted', () => {
  it.each([
    ...['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON', '"yes"', "'on'", '!!bool "true"'].map(
      (text): [string, boolean] => [text, true],
    ),
    ...['false', 'FALSE', 'no', 'n', 'off', 'null', '~'].map((text): [string, boolean] => [text, false]),
    ...['"true"', '!!str true', '1', '0', 'tRUE', 'oN', 'maybe', '""', '[]'].map((text): [string, undefined] => [
      text,
      undefined,
    ]),
  ])('%s is %s', (text, expected) => {
    expect(read(`networking: {disableDefaultCNI: ${text}}`, (c) => c.networking.disableDefaultCNI)).toBe(expected);
  });
});

describe('where a string is wanted', () => {
  it.each([
    ['1', '1'],
    ['1.50', '1.50'],
    ['0x10', '0x10'],
    ['1_000', '1_000'],
    ['true', 'true'],
    ['yes', 'yes'],
    ['2001-01-01', '2001-01-01'],
    ['"null"', 'null'],
    ['null', ''],
    ['', ''],
    ['!foo x', 'x'],
    ['a#b # c', 'a#b'],
    ['"\\u0061"', 'a'],
    ['[x]', undefined],
    ['{x: y}', undefined],
  ])('%s is %j', (text, expected) => {
    expect(read(`nodes:\n- labels:\n    key: ${text}\n`, (c) => c.nodes[0]?.labels.key)).toBe(expected);
  });

  it('any scalar is a key, except null', () => {
    const labels = read('nodes: [{labels: {1: a, true: b, "": c, ~: d}}]', (c) => c.nodes[0]?.labels);
    expect(Object.entries(labels ?? {})).toEqual([
      ['1', 'a'],
      ['true', 'b'],
      ['', 'c'],
    ]);
  });
});

it('null drops out of a list, an empty string does not', () => {
  const patches = read('kubeadmConfigPatches: [a, null, 1, "", ~]', (c) => c.kubeadmConfigPatches);
  expect(patches).toEqual(['a', '1', '']);
});

it('a feature gate without a value is off', () => {
  expect(read('featureGates: {A: , B: yes}', (c) => c.featureGates)).toEqual({ A: false, B: true });
});

it.each(['tcp', 'TCP', 'Tcp'])('the protocol %s is TCP', (protocol) => {
  const mappings = read(
    `nodes: [{extraPortMappings: [{protocol: ${protocol}}]}]`,
    (c) => c.nodes[0]?.extraPortMappings,
  );
  expect(mappings?.[0]?.protocol).toBe('TCP');
});
