import { expect, test } from 'vitest';
import { outsideOf } from './whereabouts.ts';

test.each<[string, [boolean, boolean, string, string], string | undefined]>([
  ['on a machine, whatever the names', [false, true, 'mac', 'docker-desktop'], undefined],
  ['in a container with an engine of its own', [true, false, 'box', 'box'], undefined],
  ['in a container with the engine of its machine', [true, true, 'f00', 'host'], 'elsewhere'],
  ['in a container with the network of its machine', [true, true, 'host', 'host'], 'same network'],
])('%s, kinpod knows where the engine’s ports are', (_, facts, expected) => {
  expect(outsideOf(...facts)).toBe(expected);
});
