import type { YamlNode } from './yaml/node.ts';

/** How Go prints values, for messages that read as kind's do. */

/** What yaml.v3 calls a node that does not fit: its tag, and the beginning of its text (decode.go, `terror`). */
export function goNode(node: Exclude<YamlNode, { kind: 'alias' }>): string {
  const value = node.kind === 'scalar' ? node.value : '';
  if (node.tag === '!!seq' || node.tag === '!!map') return node.tag + value;
  const bytes = Buffer.from(value);
  const shown = bytes.length > 10 ? `${bytes.subarray(0, 7)}...` : bytes.toString();
  return `${node.tag} \`${shown}\``;
}

/** kind's list of errors as one text: each once, in brackets where there are several. */
export function goAggregate(errors: readonly string[]): string {
  const different = [...new Set(errors)];
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`;
}

/** Go types of v1alpha4 by the name of the field, where they are not just what the field's JSON type says. */
const STRUCTS: Readonly<Record<string, string>> = {
  networking: 'v1alpha4.Networking',
  nodes: 'v1alpha4.Node',
  extraMounts: 'v1alpha4.Mount',
  extraPortMappings: 'v1alpha4.PortMapping',
  kubeadmConfigPatchesJSON6902: 'v1alpha4.PatchJSON6902',
};
const STRINGS: Readonly<Record<string, string>> = {
  role: 'v1alpha4.NodeRole',
  propagation: 'v1alpha4.MountPropagation',
  protocol: 'v1alpha4.PortMappingProtocol',
  ipFamily: 'v1alpha4.ClusterIPFamily',
  kubeProxyMode: 'v1alpha4.ProxyMode',
};
const SCALARS: Readonly<Record<string, string>> = { string: 'string', integer: 'int32', boolean: 'bool' };

/** @param type JSON type of what the field, or each of its items, holds */
export function goType(field: string, type: string | undefined): string {
  if (type === 'string') return STRINGS[field] ?? 'string';
  return SCALARS[type ?? ''] ?? STRUCTS[field] ?? 'v1alpha4.Cluster';
}
