import { expect, test } from 'vitest';
import { putRecord, renderRecord } from './record.ts';
import { duration } from './timeline.ts';

const run = {
  date: new Date('2026-11-25T23:00:00Z'),
  host: '2 cores',
  versions: ['QEMU 10.0.13'],
  clusters: ['v1.36.3, containerd://2.2.9'],
  skipped: [],
  steps: [
    { title: 'boot', seconds: 24.6 },
    { title: 'create', seconds: 345 },
  ],
  log: '~/.cache/kinpod/rootless/log.txt',
};

test('a record tells what ran, when, and how long each step took', () => {
  expect(renderRecord(run).split('\n')).toEqual([
    'Run on 2026-11-25, 2 cores: passed in 6 min 10 s.',
    '',
    '- QEMU 10.0.13',
    '- cluster: v1.36.3, containerd://2.2.9',
    '',
    '| Step | Time |',
    '|---|---|',
    '| boot | 25 s |',
    '| create | 5 min 45 s |',
    '',
    'Log: `~/.cache/kinpod/rootless/log.txt`',
  ]);
});

test('a record takes the place of the one before, and leaves the page as it is', () => {
  const page = 'a\n<!-- record: npm run test:rootless -- --record -->\nold\n<!-- end of the record -->\nb\n';
  const first = putRecord(page, 'new');
  expect(first).toBe(page.replace('old', 'new'));
  expect(putRecord(first, 'new')).toBe(first);
  expect(() => putRecord('a page', 'new')).toThrow('has no');
});

test.each([
  [0.4, '0 s'],
  [59.6, '1 min 0 s'],
  [247, '4 min 7 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
