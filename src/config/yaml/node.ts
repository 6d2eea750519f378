import type { ScalarStyle } from './token.ts';
import type { Mark } from './yaml-error.ts';

/** Tags are short: `!!str`; that of a plain scalar is the one that its text resolves to. */
interface NodeBase {
  tag: string;
  mark: Mark;
}

export interface ScalarNode extends NodeBase {
  kind: 'scalar';
  value: string;
  style: ScalarStyle;
}

export interface SequenceNode extends NodeBase {
  kind: 'sequence';
  items: YamlNode[];
}

export interface PairNode {
  key: YamlNode;
  value: YamlNode;
}

export interface MappingNode extends NodeBase {
  kind: 'mapping';
  pairs: PairNode[];
}

export interface AliasNode extends NodeBase {
  kind: 'alias';
  name: string;
  target: Exclude<YamlNode, AliasNode>;
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export function isNullTagged(node: YamlNode): boolean {
  return (node.kind === 'alias' ? node.target.tag : node.tag) === '!!null';
}

export function isMergeKey(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && node.tag === '!!merge';
}
