import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Errors of a log that are shown. */
const SHOWN = 5;

export interface LogErrors {
  count: number;
  /** The last ones, oldest first; one that repeats is there once. */
  last: string[];
}

/** How programs mark errors in their lines: klog's letter and date (`E1125 20:06:30`), logrus' and slog's level. */
const ERROR_LINE = /\b[EF]\d{4} \d\d:\d\d:\d\d|\blevel=(?:error|fatal|panic)\b/;

/** Read through a log of any length. One that is not there has no errors. */
export async function logErrors(path: string): Promise<LogErrors> {
  const found: LogErrors = { count: 0, last: [] };
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) note(found, line);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return found;
}

export function note(found: LogErrors, line: string): void {
  if (!ERROR_LINE.test(line)) return;
  found.count += 1;
  const again = found.last.findIndex((one) => withoutNumbers(one) === withoutNumbers(line));
  if (again >= 0) found.last.splice(again, 1);
  found.last.push(line);
  if (found.last.length > SHOWN) found.last.shift();
}

/** The same complaint at another time, of another process or about another try. */
function withoutNumbers(line: string): string {
  return line.replace(/\d+/g, '');
}
