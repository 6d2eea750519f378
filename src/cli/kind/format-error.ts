import { kindMessageOf } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';

/**
 * How a failure is shown to who calls kinpod as kind: kind's line, and the output of the program that failed. What kinpod knows beyond
 * that (why, what to do) would stand where scripts compare.
 */
export function formatErrorAsKind(error: unknown, color: boolean): string {
  const label = color ? '\x1b[31mERROR\x1b[0m' : 'ERROR';
  const command = failedCommand(error);
  // One that was not started printed nothing; what it has is our reason.
  const output = command?.notStarted ? '' : command?.details;
  const outputLabel = color ? '\x1b[31mCommand Output\x1b[0m' : '\nCommand Output';
  return [`${label}: ${kindMessageOf(error)}`, ...(output === undefined ? [] : [`${outputLabel}: ${output}`])]
    .map(line)
    .join('');
}

/** kind ends each of its messages with a line end, unless it has one. */
function line(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function failedCommand(error: unknown): CommandError | undefined {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof CommandError) return one;
  return undefined;
}
