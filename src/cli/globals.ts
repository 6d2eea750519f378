import { type Flags, flag, type ValuesOf } from './flag.ts';

/** Flags that every command takes, before and after its name. */
export const globalFlags = {
  verbosity: flag.number('show more of what is done; 1 adds debug lines, and stacks to errors', {
    short: 'v',
    default: '0',
  }),
  quiet: flag.boolean('write nothing to stderr but errors', { short: 'q' }),
  version: flag.boolean('print the version and do nothing else'),
} as const satisfies Flags;

export type GlobalValues = ValuesOf<typeof globalFlags>;
