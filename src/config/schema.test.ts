import { expect, it } from 'vitest';
import { clusterConfigJsonSchema, type JsonSchema } from './schema.ts';

const schema = clusterConfigJsonSchema();

function fields(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    [name, field] as [string, JsonSchema],
    ...fields(field),
    ...fields(field.items ?? {}),
  ]);
}

it('the JSON Schema has exactly the fields of kind.x-k8s.io/v1alpha4', () => {
  const node = schema.properties?.nodes?.items;
  const names = (of: JsonSchema | undefined) => Object.keys(of?.properties ?? {}).sort();
  expect(names(schema)).toEqual(
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
  expect(names(schema.properties?.networking)).toEqual(
    [
      ...['apiServerAddress', 'apiServerPort', 'disableDefaultCNI', 'dnsSearch', 'ipFamily', 'kubeProxyMode'],
      ...['podSubnet', 'serviceSubnet'],
    ].sort(),
  );
  expect(names(node?.properties?.extraMounts?.items)).toEqual(
    ['containerPath', 'hostPath', 'propagation', 'readOnly', 'selinuxRelabel'].sort(),
  );
});

it('the JSON Schema refuses unknown fields and needs only what kind needs', () => {
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toEqual(['apiVersion', 'kind']);
  expect(schema.properties?.nodes?.items?.additionalProperties).toBe(false);
});

it('every field is described', () => {
  expect(fields(schema).filter(([, field]) => !field.description)).toEqual([]);
});
