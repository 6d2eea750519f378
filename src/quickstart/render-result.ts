import { commandLine } from '../exec/run.ts';
import type { QuickstartResult } from './quickstart.ts';

/**
 * What quickstart got and what to try next, for people. No line end after the last line.
 * @param program how the user calls kinpod: `kinpod`, `./kinpod`
 */
export function renderQuickstart(result: QuickstartResult, program = 'kinpod'): string {
  const name = result.cluster === 'kind' ? [] : ['--name', result.cluster];
  const kubectl = (...args: string[]) => commandLine(program, ['kubectl', ...name, '--', ...args]);
  const rows: [string, string][] = [
    [kubectl('get', 'pods', '-A'), 'all pods'],
    [kubectl('port-forward', 'service/hello', '8080:80'), 'then open http://127.0.0.1:8080/hostname'],
    [commandLine('kubectl', ['--context', `kind-${result.cluster}`, 'get', 'nodes']), 'with a kubectl of your own'],
    [commandLine(program, ['delete', 'cluster', ...name]), 'when done'],
  ];
  const width = Math.max(...rows.map(([command]) => command.length));
  return [
    `The pod ${result.answer} of the cluster "${result.cluster}" answered after ${result.seconds.toFixed(1)} s.`,
    '',
    'Try next:',
    ...rows.map(([command, why]) => `  ${command.padEnd(width)}  # ${why}`),
  ].join('\n');
}
