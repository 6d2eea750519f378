import type { $ZodIssue } from 'zod/v4/core';
import type { Path } from './decode.ts';
import { nearest } from './suggest.ts';

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** What the user is told of a value that the schema refuses. */
export function describeIssue(issue: $ZodIssue, root: unknown): string {
  const value = valueAt(root, issue.path as Path);
  const shown = JSON.stringify(value);
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? 'is required'
        : `expected ${EXPECTED[issue.expected] ?? issue.expected}, found ${kindOf(value)}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof value === 'string' ? nearest(value, values) : undefined;
      const expected = `expected ${oneOf(values)}`;
      if (value === undefined) return `is required; ${expected}`;
      return `${shown} is not valid; ${meant && values.length > 1 ? `did you mean "${meant}"? ` : ''}${expected}`;
    }
    case 'too_big':
    case 'too_small':
    case 'invalid_format':
      return `${shown} ${issue.message}`;
    default:
      return issue.message;
  }
}

/** `nodes[0].extraMounts[1].hostPath` */
export function pathText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], root);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}

function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
