/** A place in the text, all counted from 0, in characters (code points). */
export interface Mark {
  index: number;
  line: number;
  column: number;
}

/** Which stage of reading failed; libyaml's own counting of lines differs between them. */
export type Stage = 'reader' | 'scanner' | 'parser' | 'composer';

export interface YamlErrorOptions {
  stage: Stage;
  /** Where it was noticed. */
  at?: Mark | undefined;
  /** What was being read, and where that began: `while scanning a quoted scalar`. */
  context?: string | undefined;
  contextAt?: Mark | undefined;
}

/** The text cannot be read as YAML. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly problem: string;
  readonly stage: Stage;
  readonly at: Mark | undefined;
  readonly context: string | undefined;
  readonly contextAt: Mark | undefined;

  constructor(problem: string, { stage, at, context, contextAt }: YamlErrorOptions) {
    super(problem);
    this.problem = problem;
    this.stage = stage;
    this.at = at;
    this.context = context;
    this.contextAt = contextAt;
  }

  /**
   * As Go's yaml.v3 words it (decode.go, `fail`): with the line of the context, or where that is the first one, with that of
   * the problem; counted from 1 where the scanner found it, from 0 where the parser did. Problems of other stages
   * have none.
   */
  get goText(): string {
    const hasLine = this.stage === 'scanner' || this.stage === 'parser';
    const line = (hasLine && (this.contextAt?.line || this.at?.line)) || 0;
    if (line === 0) return `yaml: ${this.problem}`;
    return `yaml: line ${this.stage === 'scanner' ? line + 1 : line}: ${this.problem}`;
  }
}
