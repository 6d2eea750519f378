import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { JsonSchema } from './schema.ts';
import { adviseOnField } from './suggest.ts';

/** Where in a value: `['nodes', 0, 'role']`. */
export type Path = readonly (string | number)[];

export interface Problem {
  path: Path;
  /** Of the text, in UTF-16 units; undefined if what is wrong is not in the text. */
  offset: number | undefined;
  message: string;
}

/**
 * The values of a YAML document, read as Go's yaml.v3 reads them into kind's types: the wanted type decides, not YAML's
 * rules for plain scalars. A number is fine as a string; `yes`, `on` and `y` are booleans; 0x50, 0o120 and 80.5 are integers;
 * null leaves a field unset and drops out of a list; so does an empty string for a field, as kind takes it for unset.
 * Values that do not fit are passed on for the schema to name: scalars as their text, others empty.
 */
export class Decoder {
  /** Fields that the format does not have, and keys that are none. */
  readonly problems: Problem[] = [];
  readonly #document: Document;
  readonly #root: JsonSchema;
  readonly #offsets = new Map<string, number>();

  /** @param document parsed with the schema `failsafe`, so that every scalar is its text */
  constructor(document: Document, schema: JsonSchema) {
    this.#document = document;
    this.#root = schema;
  }

  decode(): unknown {
    return this.#value(this.#document.contents, this.#root, []);
  }

  /** Where the value stands in the text, or the nearest one around it that does. */
  offsetOf(path: Path): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return undefined;
  }

  #value(written: Node | null, schema: JsonSchema, path: Path): unknown {
    const node = isAlias(written) ? written.resolve(this.#document) : written;
    if (node === undefined)
      this.problems.push({ path, offset: written?.range?.[0], message: 'the anchor does not exist' });
    if (node === undefined || node === null || isNull(node)) return undefined;
    if (written?.range) this.#offsets.set(JSON.stringify(path), written.range[0]);
    if (isMap(node) && schema.properties) return this.#fields(node, schema, schema.properties, path);
    if (isMap(node) && typeof schema.additionalProperties === 'object') {
      return this.#entries(node, schema.additionalProperties, path);
    }
    if (isSeq(node) && schema.items) return this.#items(node.items as Node[], schema.items, path);
    if (isScalar(node)) return scalarValue(node, schema.type);
    return isSeq(node) ? [] : {};
  }

  #items(items: readonly Node[], schema: JsonSchema, path: Path): unknown[] {
    const values: unknown[] = [];
    for (const item of items) {
      const value = this.#value(item, schema, [...path, values.length]);
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  #fields(map: YAMLMap, schema: JsonSchema, fields: Readonly<Record<string, JsonSchema>>, path: Path): unknown {
    const values: Record<string, unknown> = {};
    for (const { key, keyNode, valueNode } of this.#pairs(map, path)) {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (field === undefined) {
        const message = `unknown field "${key}"; ${adviseOnField(key, schema, this.#root)}`;
        this.problems.push({ path, offset: keyNode.range?.[0], message });
        continue;
      }
      const value = this.#value(valueNode, field, [...path, key]);
      const unset = value === undefined || (value === '' && field.type === 'string');
      if (!unset) values[key] = value;
    }
    return values;
  }

  #entries(map: YAMLMap, schema: JsonSchema, path: Path): unknown {
    const zero = schema.type === 'boolean' ? false : '';
    const entries = this.#pairs(map, path).map(({ key, valueNode }): [string, unknown] => [
      key,
      this.#value(valueNode, schema, [...path, key]) ?? zero,
    ]);
    return Object.fromEntries(entries);
  }

  /** The pairs of a mapping, with those of its merge keys (`<<`) behind its own, each name once. */
  #pairs(map: YAMLMap, path: Path, outer: readonly YAMLMap[] = []): PairNodes[] {
    const pairs = new Map<string, PairNodes>();
    const merged: unknown[] = [];
    for (const { key: keyNode, value } of map.items as { key: Node; value: Node | null }[]) {
      const key = isAlias(keyNode) ? keyNode.resolve(this.#document) : keyNode;
      if (!isScalar(key)) {
        this.problems.push({ path, offset: keyNode.range?.[0], message: 'a key must be a string' });
      } else if (isPlain(key) && key.value === '<<') {
        merged.push(...(isSeq(value) ? value.items : [value]));
      } else if (!isNull(key)) {
        pairs.set(String(key.value), { key: String(key.value), keyNode, valueNode: value });
      }
    }
    for (const source of merged) {
      const target = isAlias(source) ? source.resolve(this.#document) : source;
      if (isMap(target) && target !== map && !outer.includes(target)) {
        for (const pair of this.#pairs(target, path, [...outer, map]))
          if (!pairs.has(pair.key)) pairs.set(pair.key, pair);
      } else {
        const offset = (source as Node | null)?.range?.[0] ?? map.range?.[0];
        this.problems.push({ path, offset, message: 'a merge key (<<) needs a mapping that does not contain it' });
      }
    }
    return [...pairs.values()];
  }
}

interface PairNodes {
  key: string;
  keyNode: Node;
  valueNode: Node | null;
}

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const BOOLEANS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['true', 'True', 'TRUE'].map((word) => [word, true]),
  ...['false', 'False', 'FALSE'].map((word) => [word, false]),
]);
/** YAML 1.1's words, which Go takes where a boolean is wanted, quoted too. */
const OLD_BOOLEANS: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false]),
]);

function isPlain(scalar: Scalar): boolean {
  const tag = scalar.tag?.replace('tag:yaml.org,2002:', '');
  return tag === undefined || tag === '!' ? scalar.type === 'PLAIN' : tag !== 'str';
}

function isNull(node: Node): boolean {
  return isScalar(node) && (node.value === null || (isPlain(node) && NULLS.has(String(node.value))));
}

function scalarValue(scalar: Scalar, type: string | undefined): unknown {
  const text = String(scalar.value);
  if (type === 'boolean') return (isPlain(scalar) ? BOOLEANS[text] : undefined) ?? OLD_BOOLEANS[text] ?? text;
  if (type === 'integer') return (isPlain(scalar) ? integer(text) : undefined) ?? text;
  return text;
}

/** As Go's yaml.v3: underscores, 0x, 0o, 0b, the old octal 0777, and numbers with a fraction, which is cut off. */
function integer(text: string): number | undefined {
  const digits = /^[-+.\d]/.test(text) ? text.replaceAll('_', '') : '';
  const [, sign, body = ''] = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(digits) ?? [];
  const isFraction = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(digits);
  let value = Number.NaN;
  if (sign !== undefined) value = Number(/^0\d/.test(body) ? `0o${body.slice(1)}` : body) * (sign === '-' ? -1 : 1);
  else if (isFraction) value = Math.trunc(Number(digits));
  return Number.isSafeInteger(value) ? value + 0 : undefined; // + 0: JavaScript has a -0
}
