import { CharSource } from './char-source.ts';
import { code, codes, END, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, TAB } from './chars.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-name.ts';
import { isDocumentIndicator, scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';
import type { Token, TokenType } from './token.ts';
import { type Mark, YamlError } from './yaml-error.ts';

/** A place at which a key may have begun that is not marked by `?`: the next `:` tells. */
interface SimpleKey {
  possible: boolean;
  /** Something that begins a line of a block mapping can be nothing else. */
  required: boolean;
  tokenNumber: number;
  mark: Mark;
}

/** YAML's limit for a key that is not marked by `?`. */
const SIMPLE_KEY_LIMIT = 1024;
/** libyaml's limit for a run of blanks and comments that is looked through in one go. */
const COMMENT_LIMIT = 512;
/** yaml.v3 looks at two tokens more than it needs, for the comments behind them; an error there counts. */
const LOOKAHEAD = 2;

const [HASH, DASH, QUESTION, COLON, COMMA] = [code('#'), code('-'), code('?'), code(':'), code(',')];
/** No plain scalar begins with one of these. */
const INDICATORS = codes('-?:,[]{}#&*!|>\'"%@`');

/**
 * The tokens of a YAML stream, by the rules of libyaml's scanner as Go's yaml.v3 has it. It differs from the YAML
 * specification, and the differences decide which files kind takes; that is why this is not a YAML library.
 */
export class Scanner {
  readonly #source: CharSource;
  readonly #queue: Token[] = [];
  /** Tokens that were handed out. */
  #parsed = 0;
  #started = false;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #simpleKeyAllowed = true;
  /** One for each flow level. */
  readonly #simpleKeys: SimpleKey[] = [
    { possible: false, required: false, tokenNumber: 0, mark: { index: 0, line: 0, column: 0 } },
  ];
  /** Token number to index in `#simpleKeys`. */
  readonly #keyOfToken = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.#source = new CharSource(bytes);
  }

  /** @throws {YamlError} */
  peek(): Token {
    while (this.#queue.length <= LOOKAHEAD || this.#headMayBeKey()) this.#fetch();
    return this.#queue[0] as Token;
  }

  /** The token that was peeked at is done with. */
  skip(): void {
    this.#queue.shift();
    this.#parsed++;
  }

  #error(problem: string, context?: string, contextAt: Mark = this.#source.mark): YamlError {
    return new YamlError(problem, { stage: 'scanner', at: this.#source.mark, context, contextAt });
  }

  #headMayBeKey(): boolean {
    const key = this.#simpleKeys[this.#keyOfToken.get(this.#parsed) ?? -1];
    return key !== undefined && this.#isStillPossible(key);
  }

  #fetch(): void {
    const source = this.#source;
    source.ensure(1);
    if (!this.#started) {
      this.#started = true;
      this.#add('stream start', source.mark);
      return;
    }
    const scanStart = source.mark;
    this.#skipToToken();
    this.#unrollIndent(source.column, scanStart);
    source.ensure(4);
    if (source.at() === END) this.#fetchStreamEnd();
    else if (source.column === 0 && source.at() === code('%')) this.#fetchDirective();
    else if (isDocumentIndicator(source, '-')) this.#fetchDocumentIndicator('document start');
    else if (isDocumentIndicator(source, '.')) this.#fetchDocumentIndicator('document end');
    else {
      this.#fetchContent();
      if (this.#queue.at(-1)?.type !== 'block entry') this.#skipLineComment();
    }
  }

  #fetchContent(): void {
    const source = this.#source;
    const c = source.at();
    const isInFlow = this.#flowLevel > 0;
    const isAlone = isBlankOrEnd(source.at(1));
    if (c === code('[')) this.#fetchFlowStart('flow sequence start');
    else if (c === code('{')) this.#fetchFlowStart('flow mapping start');
    else if (c === code(']')) this.#fetchFlowEnd('flow sequence end');
    else if (c === code('}')) this.#fetchFlowEnd('flow mapping end');
    else if (c === COMMA) this.#fetchFlowEntry();
    else if (c === DASH && isAlone) this.#fetchBlockEntry();
    else if (c === QUESTION && (isInFlow || isAlone)) this.#fetchKey();
    else if (c === COLON && (isInFlow || isAlone)) this.#fetchValue();
    else if (c === code('*')) this.#fetchNamed(() => scanAnchor(source, 'alias'));
    else if (c === code('&')) this.#fetchNamed(() => scanAnchor(source, 'anchor'));
    else if (c === code('!')) this.#fetchNamed(() => scanTag(source));
    else if ((c === code('|') || c === code('>')) && !isInFlow) this.#fetchBlockScalar();
    else if (c === code("'") || c === code('"')) this.#fetchNamed(() => scanQuoted(source));
    else if (this.#startsPlain(isInFlow, isAlone)) this.#fetchPlain();
    else throw this.#error('found character that cannot start any token', 'while scanning for the next token');
  }

  #startsPlain(isInFlow: boolean, isAlone: boolean): boolean {
    const c = this.#source.at();
    if (c === DASH) return !isBlank(this.#source.at(1));
    if (c === QUESTION || c === COLON) return !isInFlow && !isAlone;
    return !isBlankOrEnd(c) && !INDICATORS.has(c);
  }

  /** @throws {YamlError} if there has to be a key and there can be none any more */
  #isStillPossible(key: SimpleKey): boolean {
    if (!key.possible) return false;
    const { line, index } = this.#source;
    if (key.mark.line >= line && key.mark.index + SIMPLE_KEY_LIMIT >= index) return true;
    this.#requireNot(key);
    key.possible = false;
    return false;
  }

  #requireNot(key: SimpleKey): void {
    if (key.required) throw this.#error("could not find expected ':'", 'while scanning a simple key', key.mark);
  }

  get #simpleKey(): SimpleKey {
    return this.#simpleKeys.at(-1) as SimpleKey;
  }

  get #nextTokenNumber(): number {
    return this.#parsed + this.#queue.length;
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return;
    const required = this.#flowLevel === 0 && this.#indent === this.#source.column;
    const key = { possible: true, required, tokenNumber: this.#nextTokenNumber, mark: this.#source.mark };
    this.#removeSimpleKey();
    this.#simpleKeys[this.#simpleKeys.length - 1] = key;
    this.#keyOfToken.set(key.tokenNumber, this.#simpleKeys.length - 1);
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKey;
    if (!key.possible) return;
    this.#requireNot(key);
    key.possible = false;
    this.#keyOfToken.delete(key.tokenNumber);
  }

  #add(type: TokenType, start: Mark): void {
    this.#queue.push({ type, start, end: this.#source.mark });
  }

  /** Consume an indicator of one character. */
  #addIndicator(type: TokenType): void {
    const start = this.#source.mark;
    this.#source.skip();
    this.#add(type, start);
  }

  /** @param tokenNumber before which token the start of the collection belongs. Default: behind all */
  #rollIndent(type: TokenType, mark: Mark, tokenNumber?: number): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    this.#insert({ type, start: mark, end: mark }, tokenNumber);
  }

  #insert(token: Token, tokenNumber = this.#nextTokenNumber): void {
    const at = tokenNumber - this.#parsed;
    if (at < 0) this.#queue.push(token);
    else this.#queue.splice(at, 0, token);
  }

  #unrollIndent(column: number, mark: Mark): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#queue.push({ type: 'block end', start: mark, end: mark });
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #leaveBlocks(): void {
    this.#unrollIndent(-1, this.#source.mark);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
  }

  #fetchStreamEnd(): void {
    this.#source.forceNewLine();
    this.#leaveBlocks();
    this.#add('stream end', this.#source.mark);
  }

  #fetchDirective(): void {
    this.#leaveBlocks();
    this.#queue.push(scanDirective(this.#source));
  }

  #fetchDocumentIndicator(type: TokenType): void {
    this.#leaveBlocks();
    const start = this.#source.mark;
    this.#source.skip(3);
    this.#add(type, start);
  }

  #fetchFlowStart(type: TokenType): void {
    this.#saveSimpleKey();
    const { mark } = this.#source;
    this.#simpleKeys.push({ possible: false, required: false, tokenNumber: this.#nextTokenNumber, mark });
    this.#flowLevel++;
    this.#simpleKeyAllowed = true;
    this.#addIndicator(type);
  }

  #fetchFlowEnd(type: TokenType): void {
    this.#removeSimpleKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#keyOfToken.delete(this.#simpleKey.tokenNumber);
      this.#simpleKeys.pop();
    }
    this.#simpleKeyAllowed = false;
    this.#addIndicator(type);
  }

  #fetchFlowEntry(): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#addIndicator('flow entry');
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#simpleKeyAllowed) throw this.#error('block sequence entries are not allowed in this context');
      this.#rollIndent('block sequence start', this.#source.mark);
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#addIndicator('block entry');
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#simpleKeyAllowed) throw this.#error('mapping keys are not allowed in this context');
      this.#rollIndent('block mapping start', this.#source.mark);
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = this.#flowLevel === 0;
    this.#addIndicator('key');
  }

  #fetchValue(): void {
    const key = this.#simpleKey;
    if (this.#isStillPossible(key)) {
      this.#insert({ type: 'key', start: key.mark, end: key.mark }, key.tokenNumber);
      this.#rollIndent('block mapping start', key.mark, key.tokenNumber);
      key.possible = false;
      this.#keyOfToken.delete(key.tokenNumber);
      this.#simpleKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#simpleKeyAllowed) throw this.#error('mapping values are not allowed in this context');
        this.#rollIndent('block mapping start', this.#source.mark);
      }
      this.#simpleKeyAllowed = this.#flowLevel === 0;
    }
    this.#addIndicator('value');
  }

  /** What may be a key, or stand before one, and is followed by none. */
  #fetchNamed(scan: () => Token): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#queue.push(scan());
  }

  #fetchPlain(): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    const { endsAtNewLine, ...token } = scanPlain(this.#source, this.#indent, this.#flowLevel > 0);
    this.#queue.push(token);
    if (endsAtNewLine) this.#simpleKeyAllowed = true;
  }

  #fetchBlockScalar(): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#queue.push(scanBlock(this.#source, this.#indent));
  }

  #skipToToken(): void {
    const source = this.#source;
    for (;;) {
      source.ensure(1);
      if (source.column === 0 && source.windowStartsWithByteOrderMark) source.skip();
      const takesTab = () => this.#flowLevel > 0 || !this.#simpleKeyAllowed;
      while (source.at() === 0x20 || (source.at() === TAB && takesTab())) source.skip();
      if (source.at() === HASH) this.#skipComments();
      if (!isBreak(source.at())) return;
      source.ensure(2);
      source.skipBreak();
      if (this.#flowLevel === 0) this.#simpleKeyAllowed = true;
    }
  }

  /** A comment behind a token, in its line; tabs before it are fine even where they are not before anything else. */
  #skipLineComment(): void {
    if (this.#source.breaksBehind > 0) return;
    let ahead = 0;
    while (ahead < COMMENT_LIMIT && isBlank(this.#source.at(ahead))) ahead++;
    if (ahead < COMMENT_LIMIT && this.#source.at(ahead) === HASH) this.#skipCommentAt(ahead);
  }

  /** A comment and the comment lines below it; stops before the break at the end of the last one. */
  #skipComments(): void {
    const source = this.#source;
    for (let ahead = 0; ahead < COMMENT_LIMIT; ahead++) {
      const c = source.at(ahead);
      if (isBlank(c) || (isBreak(c) && !isWide(c))) continue;
      if (c !== HASH) return;
      this.#skipCommentAt(ahead);
      if (isWide(source.at())) return;
      ahead = 0; // and go on behind the break
    }
  }

  #skipCommentAt(ahead: number): void {
    const source = this.#source;
    const commentStart = source.index + ahead;
    while (!(isBreakOrEnd(source.at()) && source.index >= commentStart)) {
      if (!isBreak(source.at())) source.skip();
      else {
        source.ensure(2);
        source.skipBreak();
      }
    }
  }
}

/** More than one byte, where libyaml goes byte by byte and does not get past it. */
function isWide(c: number): boolean {
  return c > 0x7f;
}
