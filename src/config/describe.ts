import { type JsonSchema, typeOf } from './schema.ts';
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
  const { minimum, maximum } = schema;
  const type = typeOf(schema) ?? '';
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

/** What the user is told of a value that is none of those which the field can have. */
export function describeUnknown(value: string, known: readonly string[]): string {
  const meant = nearest(value, known);
  const quoted = known.map((word) => `"${word}"`);
  const expected = `expected ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return `${JSON.stringify(value)} is not valid; ${meant ? `did you mean "${meant}"? ` : ''}${expected}`;
}

/** What the user is told of text that cannot be read: the problem, and in what it is where that begins on another line. */
export function describeYamlError(
  { problem, at, context, contextAt }: YamlError,
  character: string | undefined,
): string {
  const hint =
    problem === 'found character that cannot start any token' && character === '\t'
      ? ' (a tab; indent with spaces)'
      : '';
  const where =
    context && contextAt && contextAt.line !== at?.line
      ? ` (${context} that starts in line ${contextAt.line + 1})`
      : '';
  return `${problem}${hint}${where}`;
}
