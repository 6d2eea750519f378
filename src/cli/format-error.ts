import { isAbort, KinpodError, messageOf } from '../errors/kinpod-error.ts';

export interface FormatOptions {
  /** With escape codes. */
  color: boolean;
  /** Also the stack of an error that is the user's to mend. */
  stack: boolean;
}

/**
 * How a failure is shown: what failed, why, what to do. What is no KinpodError is a bug of kinpod and shows its stack.
 */
export function formatError(error: unknown, options: FormatOptions): string {
  const label = options.color ? '\x1b[31mERROR\x1b[0m' : 'ERROR';
  if (!(error instanceof Error) || !(error instanceof KinpodError || isAbort(error))) return formatBug(label, error);
  const lines = [`${label}: ${messageOf(error).trimEnd()}`];
  if (error instanceof KinpodError) {
    if (error.details) lines.push(indented('', error.details));
    const reason = deepestReason(error);
    if (reason) lines.push(indented('why: ', reason));
    if (error.hint) lines.push(indented('do:  ', error.hint));
    if (error.docsUrl) lines.push(indented('see: ', error.docsUrl));
  }
  if (options.stack) lines.push(indented('', calls(error)));
  return `${lines.join('\n')}\n`;
}

function formatBug(label: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error);
  const causes: string[] = [];
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    causes.push(`caused by: ${cause instanceof Error ? (cause.stack ?? messageOf(cause)) : messageOf(cause)}`);
  }
  return [
    `${label}: ${messageOf(error)}`,
    indented('', [stack, ...causes].join('\n')),
    indented('', 'This is a bug in kinpod. Report it in the issue tracker of the project, with these lines,'),
    indented('', 'the output of "kinpod version" and, where it can be shown, the configuration file.'),
    '',
  ].join('\n');
}

/** What the chain of causes says and the error has not said itself. A failed command says most by its output. */
function deepestReason(error: KinpodError): string | undefined {
  const said = [error.message, error.details ?? '', error.hint ?? ''];
  const reasons: string[] = [];
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    const text =
      cause instanceof KinpodError && cause.details ? `${cause.message}\n${cause.details}` : messageOf(cause);
    for (const line of text.trimEnd().split('\n')) {
      if ([...said, ...reasons].some((known) => known.includes(line.trim()))) continue;
      reasons.push(line);
    }
  }
  return reasons.join('\n') || undefined;
}

/** The stack without the message above it. */
function calls(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.trim())
    .join('\n');
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/** Two spaces before every line, the label before the first. */
function indented(label: string, text: string): string {
  const margin = ' '.repeat(2 + label.length);
  return text
    .trimEnd()
    .split('\n')
    .map((line, n) => `${n === 0 ? `  ${label}` : margin}${line}`.trimEnd())
    .join('\n');
}
