import { styleText } from 'node:util';
import type { CheckResult, CheckStatus } from './check.ts';
import type { CheckReport } from './check-host.ts';

const MARK: Readonly<Record<CheckStatus, string>> = { ok: '✓', warning: '!', error: '✗' };
const COLOR = { ok: 'green', warning: 'yellow', error: 'red' } as const;

/** The report as a table for people, ending in a line that sums up. No line end after the last line. */
export function renderReport(report: Pick<CheckReport, 'results'>, options: { color: boolean }): string {
  const width = Math.max(0, ...report.results.map((result) => result.title.length));
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    options.color ? styleText(style, text, { validateStream: false }) : text;

  const lines = report.results.flatMap((result) => {
    const mark = paint(COLOR[result.status], MARK[result.status]);
    const head = ` ${mark} ${result.title.padEnd(width)}  ${result.reason}`;
    const indent = ' '.repeat(width + 5);
    return [head, ...fixLines(result).map((line) => paint('dim', `${indent}${line}`))];
  });
  return [...lines, '', summary(report.results)].join('\n');
}

function fixLines({ fix, status }: CheckResult): string[] {
  if (fix === undefined || status === 'ok') return [];
  const [first = '', ...more] = fix.text.split('\n');
  const afterwards = fix.afterwards === undefined ? [] : [`    then: ${fix.afterwards}`];
  return [`do: ${first}`, ...more.map((line) => `    ${line}`), ...afterwards];
}

function summary(results: readonly CheckResult[]): string {
  const number = (status: CheckStatus) => results.filter((result) => result.status === status).length;
  const counted = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  const [errors, warnings] = [number('error'), number('warning')];
  const mendable = results.some((r) => r.status !== 'ok' && r.fix !== undefined && r.fix.commands.length > 0);
  const hint = mendable ? '; `kinpod check --fix` mends what has commands' : '';
  if (errors === 0 && warnings === 0) return `All ${number('ok')} checks are fine`;
  if (errors === 0) return `Ready, with ${counted(warnings, 'warning')}${hint}`;
  return `${counted(errors, 'error')}, ${counted(warnings, 'warning')}${hint}`;
}
