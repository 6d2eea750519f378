/** A file or a link that a node gets before its first start. */
export type NodeFile =
  | { path: string; content: string /** Default 0o644. */; mode?: number }
  | { path: string; linkTo: string };
