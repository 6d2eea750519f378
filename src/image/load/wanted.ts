import type { StoredImage } from '../../node/runtime/container-runtime.ts';

/** An image that nodes are to have. */
export interface WantedImage {
  /** What the user calls it, for messages. */
  label: string;
  /** `sha256:…`; undefined where the archive does not tell. */
  id: string | undefined;
  /** Full names that nodes are to know it by; none where it is meant by its ID. */
  names: readonly string[];
  /** `linux/amd64`; undefined where it does not say. */
  platform: string | undefined;
}

/** What a node lacks of an image. */
export type Lack =
  | { kind: 'nothing' }
  /** It is there, and some of its names are not. */
  | { kind: 'names'; id: string; names: readonly string[] }
  | { kind: 'image' };

export function lackOf(wanted: WantedImage, stored: readonly StoredImage[]): Lack {
  const { id } = wanted;
  const found = id === undefined ? undefined : stored.find((one) => one.id === id || one.digests.includes(id));
  if (!found) return { kind: 'image' };
  const names = wanted.names.filter((name) => !found.names.includes(name));
  return names.length === 0 ? { kind: 'nothing' } : { kind: 'names', id: found.id, names };
}
