import { type JsonSchema, typeOf } from './schema.ts';
import type { ScalarNode } from './yaml/node.ts';
import { type ResolvedScalar, resolveScalar } from './yaml/resolve.ts';
import { YamlError } from './yaml/yaml-error.ts';

/** YAML 1.1's words, which Go takes where a boolean is wanted, quoted too. */
const OLD_BOOLEANS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false]),
]);

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Undefined value: it does not fit. */
export type DecodedScalar = { isNull: boolean; value: unknown } | { failure: YamlError };

/**
 * A scalar as Go's yaml.v3 reads it into a string, bool or int32 (decode.go, `scalar`): the wanted type decides. A number is
 * fine as a string, a quoted one is none as a number, and a fraction is cut off.
 * @param schema of a type other than these: nothing but null fits; without a type: anything does
 */
export function decodeScalar(node: ScalarNode, schema: JsonSchema): DecodedScalar {
  let resolved: ResolvedScalar;
  try {
    resolved =
      node.tag === '!!str' ? { tag: '!!str', value: node.value } : resolveScalar(node.tag, node.value, node.mark);
    if (node.tag === '!!binary') resolved = { tag: '!!binary', value: fromBase64(node) };
  } catch (error) {
    if (error instanceof YamlError) return { failure: error };
    throw error;
  }
  if (resolved.value === null) return { isNull: true, value: undefined };
  return { isNull: false, value: fitted(resolved, node, schema) };
}

function fitted({ tag, value }: ResolvedScalar, node: ScalarNode, schema: JsonSchema): unknown {
  if (schema.properties || schema.items || schema.additionalProperties) return undefined;
  switch (typeOf(schema)) {
    case 'string':
      return tag === '!!binary' ? value : node.value;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      return tag !== '!!timestamp' && typeof value === 'string' && Object.hasOwn(OLD_BOOLEANS, value)
        ? OLD_BOOLEANS[value]
        : undefined;
    case 'integer':
      return typeof value === 'bigint' || typeof value === 'number' ? int32(Number(value)) : undefined;
    default:
      return value;
  }
}

function int32(value: number): number | undefined {
  const whole = Math.trunc(value) + 0; // + 0: JavaScript has a -0
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole : undefined;
}

function fromBase64(node: ScalarNode): string {
  const text = node.value.replaceAll(/[\r\n]/g, '');
  if (BASE64.test(text)) return Buffer.from(text, 'base64').toString('utf8');
  throw new YamlError('!!binary value contains invalid base64 data', { stage: 'composer', at: undefined });
}
