/** What kinpod does with one kind of objects of the outer cluster. The same as in deploy/rbac.yaml. */
export interface Permission {
  group: '' | 'apps' | 'networking.k8s.io';
  /** `pods/exec` */
  resource: string;
  verbs: readonly string[];
}

/** What nodes as Pods need, all in one namespace. */
export const NEEDED: readonly Permission[] = [
  { group: '', resource: 'pods', verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  // By the method of the request: kubectl asks by GET where it talks WebSocket.
  { group: '', resource: 'pods/exec', verbs: ['get', 'create'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'pods/portforward', verbs: ['get', 'create'] },
  // Watched when they are deleted.
  { group: '', resource: 'services', verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  { group: '', resource: 'secrets', verbs: ['get', 'list', 'watch', 'create', 'delete'] },
  { group: '', resource: 'persistentvolumeclaims', verbs: ['get', 'list', 'watch', 'delete'] },
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
  { group: 'apps', resource: 'statefulsets', verbs: ['get', 'list', 'watch', 'create', 'delete'] },
];

/** What more may be looked at tells kinpod which networks the outer cluster has, and saves it a look into images that it knows. */
export const HELPFUL: readonly Permission[] = [
  { group: '', resource: 'nodes', verbs: ['list'] },
  { group: 'networking.k8s.io', resource: 'servicecidrs', verbs: ['list'] },
];

/** One right, as the API server is asked for it. */
export interface Right {
  group: string;
  resource: string;
  subresource: string;
  verb: string;
}

export function rightsOf(permissions: readonly Permission[]): Right[] {
  return permissions.flatMap(({ group, resource: path, verbs }) => {
    const [resource = '', subresource = ''] = path.split('/');
    return verbs.map((verb) => ({ group, resource, subresource, verb }));
  });
}

/**
 * The questions of one call, answered in their order: every user may ask what he himself may do.
 * @param namespace undefined for objects that are in none
 */
export function reviews(rights: readonly Right[], namespace: string | undefined): object {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: rights.map((right) => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { ...right, ...(namespace !== undefined && { namespace }) } },
    })),
  };
}

/** `create, delete pods/exec; list statefulsets.apps` */
export function describeRights(rights: readonly Right[]): string {
  const verbs = new Map<string, string[]>();
  for (const { group, resource, subresource, verb } of rights) {
    const what = `${resource}${group && `.${group}`}${subresource && `/${subresource}`}`;
    verbs.set(what, [...(verbs.get(what) ?? []), verb]);
  }
  return [...verbs].map(([what, some]) => `${some.join(', ')} ${what}`).join('; ');
}
