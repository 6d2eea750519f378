import { expect, test } from 'vitest';
import { isAbandoned, removeAbandoned } from './abandoned.ts';
import type { Kubectl } from './kubectl.ts';
import type { Pod } from './objects.ts';

const NOW = Date.parse('2026-05-04T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

/** A Pod that looks, for ten minutes at most. @param ended seconds ago; undefined: no node took it */
function probe(name: string, created: number, ended?: number): Pod {
  const terminated = ended === undefined ? undefined : { exitCode: 0, finishedAt: ago(ended) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, creationTimestamp: ago(created) },
    spec: { activeDeadlineSeconds: 600 },
    status: terminated ? { containerStatuses: [{ state: { terminated } }] } : { phase: 'Pending' },
  };
}

test.each([
  ['has just been made', probe('p', 1), false],
  ['no node has taken within its time', probe('p', 661), true],
  ['no node has taken yet', probe('p', 600), false],
  ['has just ended, for its kinpod to read', probe('p', 30, 1), false],
  ['has ended long ago', probe('p', 100, 61), true],
])('a Pod that %s is abandoned: %s', (_, pod, abandoned) => {
  expect(isAbandoned(pod, NOW)).toBe(abandoned);
});

test('those that are abandoned are removed, in one go, and no others', async () => {
  const asked: string[][] = [];
  const old = (name: string): Pod => ({
    ...probe(name, 0),
    metadata: { name, creationTimestamp: '2020-01-01T00:00:00Z' },
  });
  const fresh: Pod = { ...probe('c', 0), metadata: { name: 'c', creationTimestamp: new Date().toISOString() } };
  const kubectl = {
    list: async () => [old('a'), old('b'), fresh],
    request: async (args: string[]) => asked.push(args),
  } as unknown as Kubectl;
  await removeAbandoned(kubectl);
  expect(asked.map((args) => args.slice(0, 4))).toEqual([['delete', 'pod', 'a', 'b']]);
});
