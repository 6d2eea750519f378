import { expect, test } from 'vitest';
import { type LogErrors, logErrors, note } from './log-errors.ts';

function found(...lines: string[]): LogErrors {
  const errors: LogErrors = { count: 0, last: [] };
  for (const line of lines) note(errors, line);
  return errors;
}

test.each([
  ['klog', 'Nov 25 20:06:30 n kubelet[97]: E1125 20:06:30.1 97 pod_workers.go:1] "Error syncing pod"'],
  ['logrus', 'Nov 25 20:06:30 n containerd[90]: time="…" level=error msg="failed to load"'],
])('an error in the words of %s is told from other lines', (_, line) => {
  const info = line.replace('E1125', 'I1125').replace('level=error', 'level=info');
  expect(found(info, line, info)).toEqual({ count: 1, last: [line] });
});

test('of errors that differ only in numbers the last one is shown', () => {
  const error = (n: number, what: string) => `E1125 20:06:0${n}.1 ${n} x.go:1] ${what}`;
  const errors = found(error(1, 'a'), error(2, 'b'), error(3, 'a'));
  expect(errors).toEqual({ count: 3, last: [error(2, 'b'), error(3, 'a')] });
});

test('five are shown, all are counted', () => {
  const errors = found(...'abcdefg'.split('').map((what) => `E1125 20:06:30.1 97 x.go:1] ${what}`));
  expect(errors).toMatchObject({ count: 7, last: { length: 5 } });
});

test('a log that was not collected has none', async () => {
  expect(await logErrors('/nonexistent.log')).toEqual({ count: 0, last: [] });
});
