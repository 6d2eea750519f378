import { closest, distance } from 'fastest-levenshtein';
import { EXTENSION_FIELDS, OWN_API_VERSION } from './extension-schema.ts';
import type { JsonSchema } from './schema.ts';

/** The known word that was probably meant, if one is near: a third of its letters may differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const byLowerCase = new Map(known.map((name) => [name.toLowerCase(), name]));
  const best = closest(word.toLowerCase(), [...byLowerCase.keys()]);
  const near = best !== '' && distance(word.toLowerCase(), best) <= Math.max(1, Math.floor(best.length / 3));
  return near ? byLowerCase.get(best) : undefined;
}

/**
 * What to do about a field that `schema` does not have: the apiVersion that has it, else the name that was meant, else where
 * in the format a field of that name stands (mostly the indentation is wrong), else the names that there are.
 */
export function adviseOnField(field: string, schema: JsonSchema, root: JsonSchema): string {
  const known = Object.keys(schema.properties ?? {});
  const elsewhere = fieldPaths(root).filter((path) => path.split('.').at(-1) === field);
  if (elsewhere.length === 0 && EXTENSION_FIELDS.includes(field)) return `it needs apiVersion: ${OWN_API_VERSION}`;
  const meant = nearest(field, known);
  if (meant) return `did you mean "${meant}"?`;
  if (elsewhere.includes(field)) return 'it belongs at the top level';
  if (elsewhere.length > 0) return `it belongs at ${elsewhere.join(' or ')}`;
  return `known here: ${known.join(', ')}`;
}

/** All fields of the format: `nodes[].role`. */
function fieldPaths(schema: JsonSchema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [path, ...fieldPaths(field, path), ...(field.items ? fieldPaths(field.items, `${path}[]`) : [])];
  });
}
