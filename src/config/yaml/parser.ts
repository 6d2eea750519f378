import type { AliasNode, MappingNode, PairNode, ScalarNode, SequenceNode, YamlNode } from './node.ts';
import { resolveScalar } from './resolve.ts';
import { Scanner } from './scanner.ts';
import type { Token, TokenType } from './token.ts';
import { type Mark, YamlError } from './yaml-error.ts';

/** What a document consists of. */
export interface YamlDocument {
  root: YamlNode;
  /** Where something follows it, if it does. */
  rest: Mark | undefined;
}

const LONG_PREFIX = 'tag:yaml.org,2002:';
/** More than any configuration has, and less than the call stack bears. Go's limit is 10000; such a file is refused anyway. */
const MAX_DEPTH = 500;

/**
 * The first document of a YAML stream, undefined if there is none. The rest of the stream is not read, but for the few
 * tokens that yaml.v3 looks ahead.
 * @throws {YamlError}
 */
export function parseFirstDocument(bytes: Uint8Array): YamlDocument | undefined {
  return new Parser(new Scanner(bytes)).document();
}

/** libyaml's grammar (parserc.go), as recursive descent, together with yaml.v3's making of nodes. */
class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, Exclude<YamlNode, AliasNode>>();
  readonly #tagPrefixes = new Map<string, string>();
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): YamlDocument | undefined {
    this.#next('stream start');
    if (this.#is('stream end')) return undefined;
    const isExplicit = this.#is('version directive', 'tag directive', 'document start');
    this.#directives();
    if (isExplicit) {
      const token = this.#scanner.peek();
      if (token.type !== 'document start') throw parserError('did not find expected <document start>', token.start);
      this.#scanner.skip();
    }
    const isEmpty =
      isExplicit && this.#is('version directive', 'tag directive', 'document start', 'document end', 'stream end');
    const root = isEmpty ? emptyScalar(this.#scanner.peek().start) : this.#node(true, false);
    this.#next('document end');
    return { root, rest: this.#rest() };
  }

  /** Go does not look there, so no error there counts. */
  #rest(): Mark | undefined {
    try {
      while (this.#is('document end', 'document start')) this.#scanner.skip();
      return this.#is('stream end') ? undefined : this.#scanner.peek().start;
    } catch (error) {
      if (error instanceof YamlError) return error.at;
      throw error;
    }
  }

  #is(...types: TokenType[]): boolean {
    return types.includes(this.#scanner.peek().type);
  }

  /** Consume a token if it is of this type. */
  #next(type: TokenType): Token | undefined {
    const token = this.#scanner.peek();
    if (token.type !== type) return undefined;
    this.#scanner.skip();
    return token;
  }

  #directives(): void {
    let hasVersion = false;
    while (this.#is('version directive', 'tag directive')) {
      const { type, start, value: handle = '', suffix = '' } = this.#scanner.peek();
      if (type === 'version directive') {
        if (hasVersion) throw parserError('found duplicate %YAML directive', start);
        if (suffix !== '1.1') throw parserError('found incompatible YAML document', start);
        hasVersion = true;
      } else {
        if (this.#tagPrefixes.has(handle)) throw parserError('found duplicate %TAG directive', start);
        this.#tagPrefixes.set(handle, suffix);
      }
      this.#scanner.skip();
    }
    if (!this.#tagPrefixes.has('!')) this.#tagPrefixes.set('!', '!');
    if (!this.#tagPrefixes.has('!!')) this.#tagPrefixes.set('!!', LONG_PREFIX);
  }

  /**
   * @param isBlock block collections may begin here
   * @param isIndentless so may a sequence that is not indented: the value of a key
   */
  #node(isBlock: boolean, isIndentless: boolean): YamlNode {
    const alias = this.#next('alias');
    if (alias) return this.#alias(alias);
    const { start } = this.#scanner.peek();
    let anchor = this.#next('anchor');
    const tagToken = this.#next('tag');
    if (!anchor) anchor = this.#next('anchor');
    const tag = this.#tag(tagToken, start);
    const token = this.#scanner.peek();
    const name = anchor?.value;
    if (isIndentless && token.type === 'block entry') {
      return this.#sequence(start, tag, name, (items) => this.#indentlessItems(items));
    }
    if (token.type === 'scalar') {
      this.#scanner.skip();
      return this.#scalar(token, start, tag, name);
    }
    if (token.type === 'flow sequence start') {
      return this.#sequence(start, tag, name, (items) => this.#flowItems(items));
    }
    if (token.type === 'flow mapping start') return this.#mapping(start, tag, name, (pairs) => this.#flowPairs(pairs));
    if (isBlock && token.type === 'block sequence start') {
      return this.#sequence(start, tag, name, (items) => this.#blockItems(items));
    }
    if (isBlock && token.type === 'block mapping start') {
      return this.#mapping(start, tag, name, (pairs) => this.#blockPairs(pairs));
    }
    if (anchor || tag !== '') return this.#register(name, { ...emptyScalar(start), tag: scalarTag(tag, '', 'plain') });
    const context = isBlock ? 'while parsing a block node' : 'while parsing a flow node';
    throw parserError('did not find expected node content', token.start, context, start);
  }

  /** Short, empty if there is none. */
  #tag(token: Token | undefined, nodeStart: Mark): string {
    if (token === undefined) return '';
    const { value: handle = '', suffix = '' } = token;
    if (handle === '') return shortTag(suffix);
    const prefix = this.#tagPrefixes.get(handle);
    const tag = prefix === undefined ? '' : prefix + suffix;
    if (tag !== '') return shortTag(tag);
    throw parserError('found undefined tag handle', token.start, 'while parsing a node', nodeStart);
  }

  #register<T extends Exclude<YamlNode, AliasNode>>(name: string | undefined, node: T): T {
    if (name !== undefined) this.#anchors.set(name, node);
    return node;
  }

  #alias({ value: name = '', start }: Token): AliasNode {
    const target = this.#anchors.get(name);
    if (target) return { kind: 'alias', name, target, tag: '', mark: start };
    throw new YamlError(`unknown anchor '${name}' referenced`, { stage: 'composer', at: start });
  }

  #scalar({ value = '', style = 'plain' }: Token, mark: Mark, tag: string, name: string | undefined): ScalarNode {
    return this.#register(name, { kind: 'scalar', tag: scalarTag(tag, value, style), value, style, mark });
  }

  #sequence(mark: Mark, tag: string, name: string | undefined, read: (items: YamlNode[]) => void): SequenceNode {
    const ownTag = tag === '' || tag === '!' ? '!!seq' : tag;
    const node = this.#register(name, { kind: 'sequence', tag: ownTag, items: [], mark });
    this.#nested(() => read(node.items), mark);
    return node;
  }

  #mapping(mark: Mark, tag: string, name: string | undefined, read: (pairs: PairNode[]) => void): MappingNode {
    const ownTag = tag === '' || tag === '!' ? '!!map' : tag;
    const node = this.#register(name, { kind: 'mapping', tag: ownTag, pairs: [], mark });
    this.#nested(() => read(node.pairs), mark);
    return node;
  }

  #nested(read: () => void, mark: Mark): void {
    this.#depth++;
    if (this.#depth > MAX_DEPTH) throw parserError(`exceeded max depth of ${MAX_DEPTH}`, mark);
    read();
    this.#depth--;
  }

  #blockItems(items: YamlNode[]): void {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    for (let entry = this.#next('block entry'); entry; entry = this.#next('block entry')) {
      items.push(this.#is('block entry', 'block end') ? emptyScalar(entry.end) : this.#node(true, false));
    }
    if (this.#next('block end')) return;
    const context = 'while parsing a block collection';
    throw parserError("did not find expected '-' indicator", this.#scanner.peek().start, context, start);
  }

  #indentlessItems(items: YamlNode[]): void {
    for (let entry = this.#next('block entry'); entry; entry = this.#next('block entry')) {
      const isEmpty = this.#is('block entry', 'key', 'value', 'block end');
      items.push(isEmpty ? emptyScalar(entry.end) : this.#node(true, false));
    }
  }

  #blockPairs(pairs: PairNode[]): void {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    const part = (indicator: Token) =>
      this.#is('key', 'value', 'block end') ? emptyScalar(indicator.end) : this.#node(true, true);
    for (;;) {
      const keyToken = this.#next('key');
      if (!keyToken) break;
      const key = part(keyToken);
      const valueToken = this.#next('value');
      pairs.push({ key, value: valueToken ? part(valueToken) : emptyScalar(this.#scanner.peek().start) });
    }
    if (this.#next('block end')) return;
    throw parserError('did not find expected key', this.#scanner.peek().start, 'while parsing a block mapping', start);
  }

  #flowItems(items: YamlNode[]): void {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    for (let first = true; !this.#is('flow sequence end'); first = false) {
      if (!first && !this.#next('flow entry')) {
        const context = 'while parsing a flow sequence';
        throw parserError("did not find expected ',' or ']'", this.#scanner.peek().start, context, start);
      }
      const key = this.#next('key');
      if (key) items.push(this.#singlePair(key));
      else if (!this.#is('flow sequence end')) items.push(this.#node(false, false));
      else break;
    }
    this.#scanner.skip();
  }

  /** `[key: value]`, a mapping of one pair in a sequence. */
  #singlePair({ start: mark }: Token): MappingNode {
    const node: MappingNode = { kind: 'mapping', tag: '!!map', pairs: [], mark };
    const isEmpty = this.#is('value', 'flow entry', 'flow sequence end');
    const key = isEmpty ? emptyScalar(this.#scanner.peek().end) : this.#node(false, false);
    // As libyaml does, whatever it is that stands in place of the key.
    if (isEmpty) this.#scanner.skip();
    const hasValue = this.#next('value') && !this.#is('flow entry', 'flow sequence end');
    const value = hasValue ? this.#node(false, false) : emptyScalar(this.#scanner.peek().start);
    node.pairs.push({ key, value });
    return node;
  }

  #flowPairs(pairs: PairNode[]): void {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    for (let first = true; !this.#is('flow mapping end'); first = false) {
      if (!first && !this.#next('flow entry')) {
        const context = 'while parsing a flow mapping';
        throw parserError("did not find expected ',' or '}'", this.#scanner.peek().start, context, start);
      }
      if (this.#next('key')) {
        const isEmpty = this.#is('value', 'flow entry', 'flow mapping end');
        const key = isEmpty ? emptyScalar(this.#scanner.peek().start) : this.#node(false, false);
        const hasValue = this.#next('value') && !this.#is('flow entry', 'flow mapping end');
        pairs.push({ key, value: hasValue ? this.#node(false, false) : emptyScalar(this.#scanner.peek().start) });
      } else if (!this.#is('flow mapping end')) {
        const key = this.#node(false, false);
        pairs.push({ key, value: emptyScalar(this.#scanner.peek().start) });
      } else break;
    }
    this.#scanner.skip();
  }
}

function parserError(problem: string, at: Mark, context?: string, contextAt?: Mark): YamlError {
  return new YamlError(problem, { stage: 'parser', at, context, contextAt });
}

function emptyScalar(mark: Mark): ScalarNode {
  return { kind: 'scalar', tag: '!!null', value: '', style: 'plain', mark };
}

function scalarTag(written: string, value: string, style: ScalarNode['style']): string {
  if (written !== '' && written !== '!') return written;
  if (style !== 'plain') return '!!str';
  return value === '<<' ? '!!merge' : resolveScalar('', value).tag;
}

function shortTag(tag: string): string {
  return tag.startsWith(LONG_PREFIX) ? `!!${tag.slice(LONG_PREFIX.length)}` : tag;
}
