import type { Mark } from './yaml-error.ts';

export type TokenType =
  | 'stream start'
  | 'stream end'
  | 'version directive'
  | 'tag directive'
  | 'document start'
  | 'document end'
  | 'block sequence start'
  | 'block mapping start'
  | 'block end'
  | 'flow sequence start'
  | 'flow sequence end'
  | 'flow mapping start'
  | 'flow mapping end'
  | 'block entry'
  | 'flow entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export type ScalarStyle = 'plain' | 'quoted' | 'block';

/** What the scanner hands to the parser. */
export interface Token {
  type: TokenType;
  start: Mark;
  end: Mark;
  /** Of a scalar; the name of an anchor or alias; the handle of a tag or of a tag directive. */
  value?: string;
  /** Of a scalar. */
  style?: ScalarStyle;
  /** Of a tag: what follows the handle. Of a tag directive: what the handle stands for. Of a version directive: the version. */
  suffix?: string;
}
