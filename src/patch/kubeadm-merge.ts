import { isObject, type JsonObject } from './merge-patch.ts';

const ARGUMENT_FIELDS = new Set(['extraArgs', 'kubeletExtraArgs']);

interface Merged {
  /** The document with the arguments and names of the patch. */
  merged: JsonObject;
  /** What is left of the patch, for an ordinary merge. */
  rest: JsonObject;
}

/**
 * Merge the fields of a kubeadm document that a merge patch alone would replace as a whole (kind's
 * pkg/internal/patch/kubeadm_merge.go), wherever in the document they are:
 * - `extraArgs` and `kubeletExtraArgs`, which are lists of name and value in v1beta4: by name, where a null value removes the
 *   argument. A patch without an apiVersion may have them as the mapping of older versions; in another patch with a mapping
 *   they are passed over, as kind does it.
 * - `certSANs`: the names of both.
 */
export function mergeArgumentsAndNames(
  document: JsonObject,
  patch: JsonObject,
  documentVersion: string,
  patchVersion: string,
): Merged {
  const merged = { ...document };
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(patch)) {
    const current = merged[key];
    if (ARGUMENT_FIELDS.has(key) && documentVersion.endsWith('v1beta4')) {
      const changes = Array.isArray(value) || patchVersion === '' ? argumentList(value) : [];
      merged[key] = mergeArguments(argumentList(current), changes);
    } else if (key === 'certSANs') {
      merged[key] = [...new Set([...list(current), ...list(value)])];
    } else if (isObject(value) && !ARGUMENT_FIELDS.has(key) && (current === undefined || isObject(current))) {
      const below = mergeArgumentsAndNames(current ?? {}, value, documentVersion, patchVersion);
      merged[key] = below.merged;
      rest[key] = below.rest;
    } else {
      rest[key] = value;
    }
  }
  return { merged, rest };
}

function mergeArguments(current: readonly unknown[], changes: readonly unknown[]): unknown[] {
  const result = [...current];
  for (const change of changes) {
    if (!isObject(change) || typeof change.name !== 'string') continue;
    const { name, value = null } = change;
    const index = result.findIndex((argument) => isObject(argument) && argument.name === name);
    if (index < 0) {
      if (value !== null) result.push({ name, value });
    } else if (value === null) {
      result.splice(index, 1);
    } else {
      result[index] = { ...(result[index] as JsonObject), value };
    }
  }
  return result;
}

function argumentList(value: unknown): unknown[] {
  return isObject(value) ? Object.entries(value).map(([name, value]) => ({ name, value })) : list(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
