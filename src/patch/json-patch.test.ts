import { describe, expect, it } from 'vitest';
import { applyJsonPatch, parseJsonPatch } from './json-patch.ts';

const document = { list: ['a', 'b'], 'x/y~z': 1, map: { k: 'v' } };
const apply = (patch: string) => applyJsonPatch(document, parseJsonPatch(patch), 'the document');

describe('JSON 6902 patches', () => {
  it.each([
    ['add at the end', '[{"op":"add","path":"/list/-","value":"c"}]', { ...document, list: ['a', 'b', 'c'] }],
    ['add at an index', '[{"op":"add","path":"/list/0","value":"c"}]', { ...document, list: ['c', 'a', 'b'] }],
    ['remove', '[{"op":"remove","path":"/list"}]', { 'x/y~z': 1, map: { k: 'v' } }],
    ['replace, with an escaped path', '[{"op":"replace","path":"/x~1y~0z","value":2}]', { ...document, 'x/y~z': 2 }],
    ['move', '[{"op":"move","from":"/map/k","path":"/k"}]', { ...document, map: {}, k: 'v' }],
    ['copy', '[{"op":"copy","from":"/map/k","path":"/k"}]', { ...document, k: 'v' }],
    ['test', '[{"op":"test","path":"/map/k","value":"v"}]', document],
    ['nothing', '', document],
    ['YAML', '- op: add\n  path: /map/on\n  value: yes\n', { ...document, map: { k: 'v', on: true } }],
  ])('%s', (_, patch, result) => {
    expect(apply(patch)).toEqual(result);
  });

  it('leave the document itself as it was', () => {
    apply('[{"op":"add","path":"/list/-","value":"c"}]');
    expect(document.list).toEqual(['a', 'b']);
  });

  it.each([
    ['[{"op":"remove","path":"/nope"}]', 'remove /nope: there is nothing at this path'],
    ['[{"op":"add","path":"/nope/x","value":1}]', 'add /nope/x: there is nothing at this path'],
    ['[{"op":"add","path":"/list/7","value":1}]', 'add /list/7: there is nothing at this path'],
    ['[{"op":"test","path":"/map/k","value":"w"}]', 'test /map/k: Test failed: v != w'],
    ['[{"op":"add","path":"map","value":1}]', 'add map: Invalid JSON Pointer: map'],
    ['[{"op":"bogus","path":"/map"}]', 'bogus /map: Invalid operation: bogus'],
    ['[{"op":"remove","path":"/list"},{"op":"remove","path":"/list"}]', 'remove /list: there is nothing at this path'],
  ])('%s is refused', (patch, reason) => {
    expect(() => apply(patch)).toThrow(
      expect.objectContaining({
        code: 'invalid-patch',
        message: `cannot apply the JSON 6902 patch to the document: ${reason}`,
        details: `the patch:\n${patch}`,
      }),
    );
  });

  it.each(['{}', 'text', '1'])('%s is no list of operations', (patch) => {
    expect(() => parseJsonPatch(patch)).toThrow('a JSON 6902 patch must be a list of operations');
  });

  it('text that is no YAML is refused with its position', () => {
    expect(() => parseJsonPatch('[{"op": ')).toThrow(/^the patch is not valid YAML: .* at line 1, column/);
  });
});
