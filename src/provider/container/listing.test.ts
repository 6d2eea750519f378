import { expect, test } from 'vitest';
import { type Labels, labelsOf, type NodeEntry, parseList, placeOf } from './listing.ts';

test.each([
  ['', []],
  ['[]', []],
  ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
  ['{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
])('the list %j is read', (text, expected) => {
  expect(parseList(text)).toEqual(expected);
});

test.each<[Labels, Record<string, string>]>([
  [null, {}],
  ['', {}],
  [{ a: '1' }, { a: '1' }],
  [['a=1', 'b=x=y'], { a: '1', b: 'x=y' }],
  ['a=1,b=', { a: '1', b: '' }],
  ['a=1,2,b=x', { a: '1,2', b: 'x' }],
])('labels %j are read', (labels, expected) => {
  expect(labelsOf(labels)).toEqual(expected);
});

test.each<[string, NodeEntry['NetworkSettings']['Networks'], Record<string, string>, object | undefined]>([
  [
    'of the shared network',
    { kind: { IPAddress: '' } },
    { 'dev.kinpod.address': '10.89.128.1,fc00::1' },
    { network: 'kind', host: '10.89.128.1' },
  ],
  [
    'of the network that it is in',
    { kinpod: {} },
    { 'dev.kinpod.address': '10.89.128.1' },
    { network: 'kinpod', host: '10.89.128.1' },
  ],
  [
    'that the engine gave a node of kind’s',
    { bridge: {}, kind: { IPAddress: '172.18.0.2' } },
    {},
    { network: 'kind', host: '172.18.0.2' },
  ],
  ['of a node of kind’s that is stopped: none', { kind: { IPAddress: '' } }, {}, undefined],
  ['without a network: none', null, { 'dev.kinpod.address': '10.89.128.1' }, undefined],
])('the address of a node %s', (_, Networks, labels, expected) => {
  const entry = { Config: { Labels: { 'io.x-k8s.kind.cluster': 'c', ...labels } }, NetworkSettings: { Networks } };
  expect(placeOf(entry, 'kind')).toEqual(expected && { cluster: 'c', ...expected });
});
