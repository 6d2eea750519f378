import { goQuote } from '../errors/go-quote.ts';
import { decodeScalar } from './decode-scalar.ts';
import { describeUnfit, describeUnknown } from './describe.ts';
import { Findings } from './findings.ts';
import { goNode, goType } from './go-text.ts';
import type { Path, Problem } from './problem.ts';
import { type JsonSchema, typeOf } from './schema.ts';
import { adviseOnField } from './suggest.ts';
import {
  type AliasNode,
  isMergeKey,
  isNullTagged,
  type MappingNode,
  type PairNode,
  type SequenceNode,
  type YamlNode,
} from './yaml/node.ts';
import { type Mark, YamlError } from './yaml/yaml-error.ts';

export interface DecodeOptions {
  /** Name of the Go type of the root. */
  goRoot: string;
  /** Whether a field that the schema does not have is a problem. */
  knownFields: boolean;
}

/** A type to decode into: its schema, and the field whose value or item it is, which tells its Go name. */
interface Wanted {
  schema: JsonSchema;
  field: string;
}

/** A value, or none: null and what does not fit leave things as they were. */
type Outcome = { value: unknown } | undefined;

const KEY: Wanted = { schema: { type: 'string' }, field: '' };
/** Pointers in Go: not the same as a value that is null. */
const POINTERS = new Set(['dnsSearch']);
/** Fields of a Go type that is part of another one, which yaml.v3 does not find in a mapping that says it is null. */
const INLINE = new Set(['kind', 'apiVersion']);
/** What may be said of a field whose Go type reads itself. */
const SELF_READING: Readonly<Record<string, { field: string; typeName: string }>> = {
  extraMounts: { field: 'propagation', typeName: 'MountPropagation' },
  extraPortMappings: { field: 'protocol', typeName: 'PortMappingProtocol' },
};

/**
 * The values of a YAML document, read as Go's yaml.v3 reads them into kind's types (decode.go). Every decision to take or
 * refuse a value is Go's, in Go's order, and so is the text in `goError`.
 */
export class Decoder {
  readonly #schema: JsonSchema;
  readonly #options: DecodeOptions;
  readonly #marks = new Map<string, Mark>();
  readonly #findings = new Findings();
  readonly #aliases = new Set<AliasNode>();
  /** Keys that are taken, while the mapping of a merge key is read. */
  #taken: Set<string> | undefined;
  #decoded = 0;
  #decodedInAliases = 0;

  constructor(schema: JsonSchema, options: DecodeOptions) {
    this.#schema = schema;
    this.#options = options;
  }

  decode(root: YamlNode | undefined): unknown {
    if (root === undefined) return undefined;
    try {
      return this.#value(root, { schema: this.#schema, field: '' }, [])?.value;
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      this.#findings.addFatal([], error.at, error.problem, error.goText);
      return undefined;
    }
  }

  get problems(): readonly Problem[] {
    return this.#findings.problems;
  }

  /** What Go says, undefined if it is content. */
  get goError(): string | undefined {
    return this.#findings.goError;
  }

  /** Where the value stands in the text, or the nearest one around it that does. */
  markOf(path: Path): Mark | undefined {
    for (let length = path.length; length > 0; length--) {
      const mark = this.#marks.get(JSON.stringify(path.slice(0, length)));
      if (mark !== undefined) return mark;
    }
    return undefined;
  }

  #unfit(node: Exclude<YamlNode, AliasNode>, path: Path, at: Mark, wanted: Wanted): void {
    const type = this.#goType(wanted, node);
    const message = wanted === KEY ? 'a key must be a string' : describeUnfit(node, wanted.schema);
    this.#findings.add(path, at, message, `cannot unmarshal ${goNode(node)} into ${type}`, node.mark.line);
  }

  #goType({ schema, field }: Wanted, node: YamlNode): string {
    if (schema.items) {
      const isPointer = POINTERS.has(field) && isNullTagged(node);
      return `${isPointer ? '*' : ''}[]${goType(field, typeOf(schema.items))}`;
    }
    if (typeof schema.additionalProperties === 'object')
      return `map[string]${goType(field, typeOf(schema.additionalProperties))}`;
    if (schema === this.#schema) return this.#options.goRoot;
    const type = goType(field, typeOf(schema));
    // A type that reads itself does so through another one, unless the value says that it is null.
    return schema.properties && SELF_READING[field] && !isNullTagged(node) ? `${type}Alias` : type;
  }

  /** @param at where it stands, if that is not where it was written */
  #value(node: YamlNode, wanted: Wanted, path: Path, at: Mark = node.mark): Outcome {
    this.#count(at);
    if (node.kind === 'alias') return this.#alias(node, wanted, path, at);
    if (wanted !== KEY) this.#marks.set(JSON.stringify(path), at);
    if (node.kind === 'mapping') return this.#mapping(node, wanted, path, at);
    if (node.kind === 'sequence') return this.#sequence(node, wanted, path, at);
    const { schema } = wanted;
    const scalar = decodeScalar(node, schema);
    if ('failure' in scalar) {
      this.#findings.addFatal(path, at, scalar.failure.problem, scalar.failure.goText);
      return undefined;
    }
    if (scalar.isNull)
      return schema.items || typeof schema.additionalProperties === 'object' ? { value: undefined } : undefined;
    if (scalar.value === undefined) this.#unfit(node, path, at, wanted);
    return scalar.value === undefined ? undefined : { value: scalar.value };
  }

  /** Go's guard against aliases of aliases of aliases (decode.go, `allowedAliasRatio`; its upper ranges need megabytes). */
  #count(at: Mark): void {
    this.#decoded++;
    if (this.#aliases.size > 0) this.#decodedInAliases++;
    const isExcessive = this.#decodedInAliases > 100 && this.#decoded > 1000;
    if (isExcessive && this.#decodedInAliases / this.#decoded > 0.99) {
      throw new YamlError('document contains excessive aliasing', { stage: 'composer', at });
    }
  }

  #alias(node: AliasNode, wanted: Wanted, path: Path, at: Mark): Outcome {
    if (this.#aliases.has(node)) {
      const problem = `anchor '${node.name}' value contains itself`;
      this.#findings.addFatal(path, at, problem, `yaml: ${problem}`);
      return undefined;
    }
    this.#aliases.add(node);
    const outcome = this.#value(node.target, wanted, path, at);
    this.#aliases.delete(node);
    return outcome;
  }

  #sequence(node: SequenceNode, wanted: Wanted, path: Path, at: Mark): Outcome {
    const { items } = wanted.schema;
    if (!items || (POINTERS.has(wanted.field) && isNullTagged(node))) {
      this.#unfit(node, path, at, wanted);
      return undefined;
    }
    const values: unknown[] = [];
    for (const item of node.items) {
      const outcome = this.#value(item, { schema: items, field: wanted.field }, [...path, values.length]);
      if (outcome) values.push(outcome.value);
      // Only null is no item. What does not fit keeps its place, so that the others are told of by the right number.
      else if (!isNullTagged(item)) values.push(items.properties ? {} : '');
    }
    return { value: values };
  }

  #mapping(node: MappingNode, wanted: Wanted, path: Path, at: Mark): Outcome {
    const problemsBefore = this.problems.length;
    const values: Record<string, unknown> = {};
    const isUnique = this.#checkKeys(node, path);
    const read = () => this.#pairs(node, wanted, path, at, values);
    const fits = isUnique ? read() : this.#findings.unseenByGo(read);
    if (!fits || !isUnique) return undefined;
    const hook = wanted.schema.properties && SELF_READING[wanted.field];
    if (hook)
      this.#readItself(
        values,
        hook,
        wanted,
        path,
        isNullTagged(node) ? 'unseen' : this.problems.length - problemsBefore,
      );
    return { value: values };
  }

  /** @returns false if the mapping cannot be read into what is wanted */
  #pairs(node: MappingNode, wanted: Wanted, path: Path, at: Mark, values: Record<string, unknown>): boolean {
    const { properties, additionalProperties } = wanted.schema;
    if (properties) this.#fields(node, wanted, properties, path, values);
    else if (typeof additionalProperties === 'object') {
      this.#entries(node, wanted, { schema: additionalProperties, field: wanted.field }, path, values);
    } else this.#unfit(node, path, at, wanted);
    return Boolean(properties) || typeof additionalProperties === 'object';
  }

  /** Keys are compared as they are written: 1 and "1" are the same, and so are any two that are collections. */
  #checkKeys(node: MappingNode, path: Path): boolean {
    const keys = node.pairs.map(({ key }) => ({ kind: key.kind, text: keyText(key), mark: key.mark }));
    let isUnique = true;
    keys.forEach((first, n) => {
      for (const key of keys.slice(n + 1)) {
        if (key.kind !== first.kind || key.text !== first.text) continue;
        isUnique = false;
        const shown = goQuote(key.text);
        const message = `key ${key.text} is there twice, see line ${first.mark.line + 1}`;
        this.#findings.add(
          path,
          key.mark,
          message,
          `mapping key ${shown} already defined at line ${first.mark.line + 1}`,
        );
      }
    });
    return isUnique;
  }

  #fields(
    node: MappingNode,
    wanted: Wanted,
    properties: Readonly<Record<string, JsonSchema>>,
    path: Path,
    values: Record<string, unknown>,
  ): void {
    const done = new Set<string>();
    const typeName = this.#goType(wanted, node);
    this.#eachPair(node, wanted, path, values, (name, pair) => {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const { mark } = pair.key;
      if (schema === undefined) {
        if (!this.#options.knownFields) return;
        const message = `unknown field ${JSON.stringify(name)}; ${adviseOnField(name, wanted.schema, this.#schema)}`;
        this.#findings.add(path, mark, message, `field ${name} not found in type ${typeName}`);
      } else if (done.has(name)) {
        if (this.#findings.areUnseen) return; // was told of the keys
        this.#findings.add(path, mark, `field ${name} is there twice`, `field ${name} already set in type ${typeName}`);
      } else if (isNullTagged(node) && path.length === 0 && this.#options.knownFields && INLINE.has(name)) {
        this.#findings.addFatal(
          path,
          node.mark,
          'kind does not read a mapping that says it is null',
          'reflect: call of reflect.Value.Type on zero Value',
        );
      } else {
        done.add(name);
        const outcome = this.#value(pair.value, { schema, field: name }, [...path, name]);
        if (outcome) values[name] = outcome.value;
      }
    });
  }

  #entries(node: MappingNode, wanted: Wanted, entry: Wanted, path: Path, values: Record<string, unknown>): void {
    const zero = typeOf(entry.schema) === 'boolean' ? false : '';
    this.#eachPair(node, wanted, path, values, (name, pair) => {
      const outcome = this.#value(pair.value, entry, [...path, name]);
      if (outcome) values[name] = outcome.value;
      else if (isNullTagged(pair.value) && !Object.hasOwn(values, name)) values[name] = zero;
    });
  }

  /** The pairs of a mapping whose keys are strings, and then those of its merge key (`<<`) that it does not have itself. */
  #eachPair(
    node: MappingNode,
    wanted: Wanted,
    path: Path,
    values: Record<string, unknown>,
    read: (name: string, pair: PairNode) => void,
  ): void {
    const taken = this.#taken;
    this.#taken = undefined;
    let merge: YamlNode | undefined;
    for (const pair of node.pairs) {
      if (isMergeKey(pair.key)) {
        merge = pair.value;
        continue;
      }
      const name = this.#value(pair.key, KEY, path)?.value;
      if (typeof name !== 'string') continue;
      if (taken?.has(stringKey(name))) continue;
      taken?.add(stringKey(name));
      read(name, pair);
    }
    this.#taken = taken;
    if (merge) this.#merge(node, merge, wanted, path, values);
  }

  #merge(parent: MappingNode, merge: YamlNode, wanted: Wanted, path: Path, values: Record<string, unknown>): void {
    const taken = this.#taken;
    this.#taken ??= new Set(parent.pairs.flatMap(({ key }) => this.#plainKey(key, path)));
    const sources = merge.kind === 'sequence' ? merge.items : [merge];
    for (const source of sources) {
      const target = source.kind === 'alias' ? source.target : source;
      if (target.kind === 'mapping') {
        this.#mergeFrom(source, target, wanted, path, values);
        continue;
      }
      const message = 'a merge key (<<) needs a mapping or a list of mappings';
      this.#findings.addFatal(
        path,
        source.mark,
        message,
        'yaml: map merge requires map or sequence of maps as the value',
      );
    }
    this.#taken = taken;
  }

  #mergeFrom(source: YamlNode, target: MappingNode, wanted: Wanted, path: Path, values: Record<string, unknown>): void {
    this.#count(source.mark);
    if (source.kind === 'alias') {
      if (this.#aliases.has(source)) {
        const problem = `anchor '${source.name}' value contains itself`;
        this.#findings.addFatal(path, source.mark, problem, `yaml: ${problem}`);
        return;
      }
      this.#aliases.add(source);
      this.#count(source.mark);
    }
    if (this.#checkKeys(target, path)) this.#pairs(target, wanted, path, source.mark, values);
    if (source.kind === 'alias') this.#aliases.delete(source);
  }

  /** A key of the mapping around a merge key, as Go reads it without a wanted type. */
  #plainKey(key: YamlNode, path: Path): string[] {
    this.#count(key.mark);
    const node = key.kind === 'alias' ? key.target : key;
    if (node.kind !== 'scalar') {
      const type = node.kind === 'sequence' ? '[]interface {}' : 'map[interface {}]interface {}';
      this.#findings.addFatal(
        path,
        key.mark,
        'a key must be a string',
        `yaml: runtime error: hash of unhashable type ${type}`,
      );
      return [];
    }
    const resolved = decodeScalar(node, {});
    if ('failure' in resolved) {
      this.#findings.addFatal(path, key.mark, resolved.failure.problem, resolved.failure.goText);
      return [];
    }
    return [typeof resolved.value === 'string' ? stringKey(resolved.value) : `${node.tag} ${resolved.value}`];
  }

  /**
   * kind checks these two fields while it decodes, so they stop it where others are collected.
   * @param problems of the mapping, after which kind does not look; `unseen`: it does not at all, and what is unknown does nothing
   */
  #readItself(
    values: Record<string, unknown>,
    { field, typeName }: { field: string; typeName: string },
    wanted: Wanted,
    path: Path,
    problems: number | 'unseen',
  ): void {
    const written = values[field];
    if (typeof written !== 'string' || written === '') return;
    const value = field === 'protocol' ? written.toUpperCase() : written;
    const known = (wanted.schema.properties?.[field]?.enum as string[] | undefined) ?? ['TCP', 'UDP', 'SCTP'];
    values[field] = value;
    if (known.includes(value)) return;
    delete values[field];
    if (problems === 'unseen') return;
    const message = describeUnknown(written, known);
    const at = this.markOf([...path, field]);
    if (problems === 0)
      this.#findings.addFatal([...path, field], at, message, `Unknown ${typeName}: ${goQuote(value)}`);
    else this.#findings.problems.push({ path: [...path, field], at, message });
  }
}

function stringKey(name: string): string {
  return `"${name}`;
}

function keyText(key: YamlNode): string {
  if (key.kind === 'alias') return key.name;
  return key.kind === 'scalar' ? key.value : '';
}
