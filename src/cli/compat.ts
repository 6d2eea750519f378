import { basename } from 'node:path';
import { KinpodError } from '../errors/kinpod-error.ts';

/** Whose words are printed: kinpod's own, or kind's for who has put kinpod in kind's place. */
export type Compat = 'kind' | 'none';

const VALUES: readonly Compat[] = ['kind', 'none'];

/** Global flags that take a value, and may stand before `--compat`. */
const WITH_VALUE = new Set(['-v', '--verbosity']);

/**
 * Whether kinpod is to be kind: by `--compat` before the command, else KINPOD_COMPAT, else the name by which it was called.
 * @returns that, and the command line without the flag
 * @throws {KinpodError} `usage` for a value that is none
 */
export function takeCompat(
  argv: readonly string[],
  calledAs: string | undefined,
  env: NodeJS.ProcessEnv,
): { compat: Compat; argv: readonly string[] } {
  const at = indexOfFlag(argv);
  if (at !== undefined) {
    const [, joined] = (argv[at] ?? '').split('=', 2);
    const compat = valid('--compat', joined ?? argv[at + 1] ?? '');
    return { compat, argv: argv.toSpliced(at, joined === undefined ? 2 : 1) };
  }
  if (env.KINPOD_COMPAT) return { compat: valid('KINPOD_COMPAT', env.KINPOD_COMPAT), argv };
  return { compat: calledAs !== undefined && /^kind(\.js)?$/.test(basename(calledAs)) ? 'kind' : 'none', argv };
}

function indexOfFlag(argv: readonly string[]): number | undefined {
  for (let n = 0; n < argv.length && argv[n]?.startsWith('-') && argv[n] !== '--'; n++) {
    if (/^--compat(=|$)/.test(argv[n] ?? '')) return n;
    if (WITH_VALUE.has(argv[n] ?? '')) n += 1;
  }
  return undefined;
}

function valid(what: string, text: string): Compat {
  const value = VALUES.find((one) => one === text);
  if (value) return value;
  throw new KinpodError(`invalid value for ${what}: ${JSON.stringify(text)} is not one of ${VALUES.join(', ')}`, {
    code: 'usage',
  });
}
