import { expect, it } from 'vitest';
import { EXTENSION_FIELDS } from './extension-schema.ts';
import { clusterConfigJsonSchema, type JsonSchema, KIND_API_VERSION, schemaOf } from './schema.ts';

const schema = clusterConfigJsonSchema();
const kindSchema = schemaOf(KIND_API_VERSION);

function fields(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    [name, field] as [string, JsonSchema],
    ...fields(field),
    ...fields(field.items ?? {}),
  ]);
}

it("a file of kind's has exactly the fields of kind.x-k8s.io/v1alpha4", () => {
  const node = kindSchema.properties?.nodes?.items;
  const names = (of: JsonSchema | undefined) => Object.keys(of?.properties ?? {}).sort();
  expect(names(kindSchema)).toEqual(
    [
      ...['apiVersion', 'containerdConfigPatches', 'containerdConfigPatchesJSON6902', 'featureGates', 'kind'],
      ...['kubeadmConfigPatches', 'kubeadmConfigPatchesJSON6902', 'name', 'networking', 'nodes', 'runtimeConfig'],
    ].sort(),
  );
  expect(names(node)).toEqual(
    [
      ...['extraMounts', 'extraPortMappings', 'image', 'kubeadmConfigPatches', 'kubeadmConfigPatchesJSON6902'],
      ...['labels', 'role'],
    ].sort(),
  );
  expect(names(kindSchema.properties?.networking)).toEqual(
    [
      ...['apiServerAddress', 'apiServerPort', 'disableDefaultCNI', 'dnsSearch', 'ipFamily', 'kubeProxyMode'],
      ...['podSubnet', 'serviceSubnet'],
    ].sort(),
  );
  expect(names(node?.properties?.extraMounts?.items)).toEqual(
    ['containerPath', 'hostPath', 'propagation', 'readOnly', 'selinuxRelabel'].sort(),
  );
});

it('the JSON Schema has them all, and the further ones for the apiVersion that has them', () => {
  const names = (of: JsonSchema) => fields(of).map(([name]) => name);
  expect(names(schema)).toEqual(expect.arrayContaining([...names(kindSchema), ...EXTENSION_FIELDS]));
  expect(names(kindSchema).filter((name) => EXTENSION_FIELDS.includes(name))).toEqual([]);
  expect(schema.if).toEqual({ properties: { apiVersion: { const: KIND_API_VERSION } } });
  const refused = schema.then as JsonSchema;
  expect(
    fields(refused)
      .flatMap(([name, field]) => ((field as unknown) === false ? [name] : []))
      .sort(),
  ).toEqual([...EXTENSION_FIELDS].sort());
});

it('the JSON Schema refuses unknown fields and needs only what kind needs', () => {
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toEqual(['apiVersion', 'kind']);
  expect(schema.properties?.nodes?.items?.additionalProperties).toBe(false);
});

it('every field is described', () => {
  expect(fields(schema).filter(([, field]) => !field.description)).toEqual([]);
});
