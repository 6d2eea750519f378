import { describe, expect, test } from 'vitest';
import { fullName, isId, meantName } from './reference.ts';

describe('the full name of an image', () => {
  test.each([
    ['app', 'docker.io/library/app:latest'],
    ['app:1', 'docker.io/library/app:1'],
    ['team/app:1', 'docker.io/team/app:1'],
    ['example.com/app', 'example.com/app:latest'],
    ['example.com/a/b:1', 'example.com/a/b:1'],
    ['localhost/app:1', 'localhost/app:1'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['app@sha256:0a', 'docker.io/library/app@sha256:0a'],
  ])('of %s is %s', (reference, expected) => {
    expect(fullName(reference)).toBe(expected);
  });
});

describe('which of an engine’s names was meant', () => {
  test.each([
    ['app:1', ['localhost/app:1', 'docker.io/library/app:1'], 'localhost/app:1'],
    ['app:1', ['app:1'], 'app:1'],
    ['app', ['localhost/other:1', 'localhost/app:latest'], 'localhost/app:latest'],
    ['app:1', ['quay.io/team/app:1'], 'quay.io/team/app:1'],
    ['docker.io/library/app:1', ['docker.io/library/app:1'], 'docker.io/library/app:1'],
    ['docker.io/library/app:1', ['app:1'], undefined],
    ['0123456789ab', ['localhost/app:1'], undefined],
  ])('by %s among %j: %s', (reference, names, expected) => {
    expect(meantName(reference, names)).toBe(expected);
  });
});

test('an ID is told from a name', () => {
  const id = `sha256:0123456789ab${'0'.repeat(52)}`;
  expect(['0123456789ab', 'sha256:0123456789', id].map((one) => isId(one, id))).toEqual([true, true, true]);
  expect(['app', '0123', 'ffffff'].map((one) => isId(one, id))).toEqual([false, false, false]);
});
