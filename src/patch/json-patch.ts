import { applyPatch, type Operation } from 'rfc6902';
import { messageOf } from '../errors/kinpod-error.ts';
import { invalidPatch } from './invalid-patch.ts';
import { parsePatchYaml } from './patch-yaml.ts';

/** A JSON Patch (RFC 6902) with the text that it was made of, which its errors show. */
export interface JsonPatch {
  text: string;
  operations: readonly Operation[];
}

/**
 * @param text JSON or YAML
 * @throws {KinpodError} `invalid-patch`
 */
export function parseJsonPatch(text: string): JsonPatch {
  const operations = parsePatchYaml(text);
  if (operations === null) return { text, operations: [] };
  if (Array.isArray(operations)) return { text, operations };
  throw invalidPatch('a JSON 6902 patch must be a list of operations', text);
}

/**
 * Where kind takes nothing but JSON.
 * @throws {KinpodError} `invalid-patch`
 */
export function parseStrictJsonPatch(text: string): JsonPatch {
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalidPatch(`a JSON 6902 patch must be JSON here: ${messageOf(error)}`, text, error);
  }
  return parseJsonPatch(text);
}

/**
 * The patched target; the target itself is not changed.
 * @param what names the target in errors
 * @throws {KinpodError} `invalid-patch` with the first operation that does not apply
 */
export function applyJsonPatch<T>(target: T, patch: JsonPatch, what: string): T {
  const result = structuredClone(target);
  for (const operation of patch.operations) {
    const problem = apply(result, operation);
    if (problem === undefined) continue;
    const { op, path } = (operation ?? {}) as { op?: unknown; path?: unknown };
    throw invalidPatch(`cannot apply the JSON 6902 patch to ${what}: ${op} ${path}: ${problem}`, patch.text);
  }
  return result;
}

function apply(target: unknown, operation: Operation): string | undefined {
  try {
    const [error] = applyPatch(target, [operation]);
    if (!error) return undefined;
    return error.name === 'MissingError' ? 'there is nothing at this path' : error.message;
  } catch (error) {
    return messageOf(error);
  }
}
