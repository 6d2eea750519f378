import type { Mark } from './yaml/yaml-error.ts';

/** Where in a value: `['nodes', 0, 'role']`. */
export type Path = readonly (string | number)[];

/** Something in a configuration that is not as it has to be. */
export interface Problem {
  path: Path;
  /** Undefined if what is wrong is not in the text. */
  at: Mark | undefined;
  message: string;
}

/** `nodes[0].extraMounts[1].hostPath` */
export function pathText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

/** `c.yaml:3:7: nodes[0].role: …`, with what there is of it. */
export function placeText(path: Path, at: Mark | undefined, file: string | undefined, message?: string): string {
  const where = file !== undefined && at ? [`${file}:${at.line + 1}:${at.column + 1}`] : [];
  const field = path.length > 0 ? [pathText(path)] : [];
  return [...where, ...field, ...(message === undefined ? [] : [message])].join(': ');
}
