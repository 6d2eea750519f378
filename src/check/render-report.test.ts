import { expect, test } from 'vitest';
import type { CheckResult } from './check.ts';
import { renderReport } from './render-report.ts';

const result = (fields: Partial<CheckResult>): CheckResult => ({
  id: 'x',
  title: 'Podman',
  scope: 'run',
  status: 'ok',
  reason: 'podman 5.4.2, rootless',
  ...fields,
});

test('shows a table with what to do, and sums up', () => {
  const results = [
    result({}),
    result({
      title: 'inotify limits',
      status: 'warning',
      reason: '128 instances',
      fix: {
        commands: [{ argv: ['sysctl', '-w', 'a=1'], asRoot: true }],
        text: 'sudo sysctl -w a=1\nsudo sysctl -w b=2',
        afterwards: 'log in again',
      },
    }),
    result({ title: 'Go', status: 'error', reason: 'go is not installed' }),
  ];
  expect(renderReport({ results }, { color: false }).split('\n')).toEqual([
    ' ✓ Podman          podman 5.4.2, rootless',
    ' ! inotify limits  128 instances',
    '                   do: sudo sysctl -w a=1',
    '                       sudo sysctl -w b=2',
    '                       then: log in again',
    ' ✗ Go              go is not installed',
    '',
    '1 error, 1 warning; `kinpod check --fix` mends what has commands',
  ]);
});

test('says so where all is fine, and promises no fix where there is none', () => {
  expect(renderReport({ results: [result({})] }, { color: false })).toMatch(/All 1 checks are fine$/);
  expect(renderReport({ results: [result({ status: 'warning' })] }, { color: false })).toMatch(
    /Ready, with 1 warning$/,
  );
});

test('colors where asked to', () => {
  expect(renderReport({ results: [result({})] }, { color: true })).toContain('\u001b[32m✓');
});
