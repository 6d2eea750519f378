import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeRights, HELPFUL, NEEDED, type Permission, reviews, rightsOf } from './permissions.ts';

interface Rules {
  kind: string;
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** The rights in the Role or ClusterRole of a manifest, one a line. */
function rightsInManifest(file: string): string[] {
  const text = readFileSync(new URL(`../../../deploy/${file}`, import.meta.url), 'utf8');
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Rules);
  return documents
    .filter((one) => one.kind.endsWith('Role'))
    .flatMap((one) => one.rules ?? [])
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} "${group}"`)),
      ),
    )
    .sort();
}

const lines = (permissions: readonly Permission[]) =>
  permissions.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${resource} "${group}"`)).sort();

test('the manifests give what is needed, and no more', () => {
  expect(rightsInManifest('rbac.yaml')).toEqual(lines(NEEDED));
  expect(rightsInManifest('rbac-look.yaml')).toEqual(lines(HELPFUL));
});

test('rights are asked for in one list', () => {
  const [first] = rightsOf([{ group: '', resource: 'pods/exec', verbs: ['create'] }]);
  expect(reviews(first ? [first] : [], 'ci')).toMatchObject({
    items: [
      {
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { resource: 'pods', subresource: 'exec', verb: 'create', namespace: 'ci' } },
      },
    ],
  });
});

test('what is missing is told kind by kind', () => {
  const rights = rightsOf([
    { group: '', resource: 'pods/exec', verbs: ['get', 'create'] },
    { group: 'apps', resource: 'statefulsets', verbs: ['list'] },
  ]);
  expect(describeRights(rights)).toBe('get, create pods/exec; list statefulsets.apps');
});
