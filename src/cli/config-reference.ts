/** The part of JSON Schema that the configuration format uses. */
interface Schema {
  title?: string;
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
}

const EDITORS = `## In an editor

Editors with the YAML language server complete and check a configuration whose first line names the schema:

\`\`\`yaml
# yaml-language-server: $schema=./cluster.schema.json
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
\`\`\`

\`kinpod config schema > cluster.schema.json\` writes it; it is also [beside this page](cluster.schema.json), and in the npm package
as \`docs/reference/cluster.schema.json\`. It is stricter than kind and kinpod are: it does not know that they also take \`yes\` for
\`true\` and fields that are null.`;

/** The reference page of the configuration format, in Markdown: a table for each object, the outer ones first. */
export function configReferencePage(schema: object): string {
  const root = schema as Schema;
  const [kind, own] = root.properties?.apiVersion?.enum ?? [];
  return [
    '<!-- Made from the schema in src/config by "npm run docs". Do not edit. -->',
    '# Cluster configuration',
    `\`${kind}\`, as kind reads it, or \`${own}\`, which has all of it and the further fields that say so: kind refuses it. ` +
      'Fields that are not named here are refused. `kinpod config validate FILE` checks a file, and `kinpod config schema` ' +
      'prints the JSON Schema of both for editors.',
    EDITORS,
    ...objects(root, ''),
    '',
  ].join('\n\n');
}

function objects(schema: Schema, path: string): string[] {
  const fields = Object.entries(schema.properties ?? {});
  const rows = fields.map(([name, field]) => `| \`${name}\` | ${typeOf(field)} | ${textOf(field)} |`);
  const table = `## ${path ? `\`${path}\`` : 'The file'}\n\n| Field | Type | |\n|---|---|---|\n${rows.join('\n')}`;
  const inner = fields.flatMap(([name, field]) => {
    const nested = field.items?.properties ? field.items : field;
    if (!nested.properties) return [];
    return objects(nested, `${path && `${path}.`}${name}${field.items ? '[]' : ''}`);
  });
  return [table, ...inner];
}

function typeOf(field: Schema): string {
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.enum) return field.enum.map((one) => `\`${one}\``).join(', ');
  if (field.anyOf) return [...new Set(field.anyOf.map(typeOf))].join(' or ');
  if (field.items) return `list of ${field.items.properties ? 'objects' : `${typeOf(field.items)}s`}`;
  if (typeof field.additionalProperties === 'object') return `map of ${typeOf(field.additionalProperties)}s`;
  return [field.type ?? 'anything'].flat().join(' or ');
}

function textOf(field: Schema): string {
  const text = (field.description ?? '').replaceAll('|', '\\|');
  const told = field.default === undefined || typeof field.default === 'object' || /default:/i.test(text);
  return told
    ? text
    : `${text}${/\.$/.test(text) ? '' : '.'} Default: \`${field.default === '' ? '""' : field.default}\``;
}
