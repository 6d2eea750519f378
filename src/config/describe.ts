import type { $ZodIssue } from 'zod/v4/core';
import type { Path } from './problem.ts';
import type { JsonSchema } from './schema.ts';
import { nearest } from './suggest.ts';
import type { YamlNode } from './yaml/node.ts';
import type { YamlError } from './yaml/yaml-error.ts';

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** What the user is told of a value that is not of the type that is wanted. */
export function describeUnfit(node: Exclude<YamlNode, { kind: 'alias' }>, schema: JsonSchema): string {
  const { type = '', minimum, maximum } = schema;
  if (node.kind === 'scalar' && type === 'integer' && (node.tag === '!!int' || node.tag === '!!float')) {
    return `${node.value} is out of range; expected ${minimum} to ${maximum}`;
  }
  return `expected ${EXPECTED[type] ?? 'a string'}, found ${describeNode(node)}`;
}

function describeNode(node: Exclude<YamlNode, { kind: 'alias' }>): string {
  if (node.kind === 'sequence') return 'a list';
  if (node.kind === 'mapping') return 'a mapping';
  const isBare = node.style === 'plain' && ['!!int', '!!float', '!!bool'].includes(node.tag);
  return isBare ? node.value : JSON.stringify(node.value);
}

/** What the user is told of a value that the schema refuses. */
export function describeIssue(issue: $ZodIssue, root: unknown): string {
  const value = valueAt(root, issue.path as Path);
  const shown = JSON.stringify(value);
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof value === 'string' ? nearest(value, values) : undefined;
      const expected = `expected ${oneOf(values)}`;
      return `${shown} is not valid; ${meant && values.length > 1 ? `did you mean "${meant}"? ` : ''}${expected}`;
    }
    case 'too_big':
    case 'too_small':
      return `${shown} ${issue.message}`;
    default:
      return issue.message;
  }
}

/** What the user is told of text that cannot be read: the problem, and in what it is where that begins on another line. */
export function describeYamlError({ problem, at, context, contextAt }: YamlError, character: string | undefined): string {
  const hint =
    problem === 'found character that cannot start any token' && character === '\t' ? ': a tab; indent with spaces' : '';
  const where =
    context && contextAt && contextAt.line !== at?.line ? ` (${context} that starts in line ${contextAt.line + 1})` : '';
  return `${problem}${hint}${where}`;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], root);
}

export function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
