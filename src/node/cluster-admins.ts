import type { KubernetesVersion } from '../kube/version.ts';

/**
 * What lets the users of admin.conf, and of kinpod's kubeconfigs, do anything. kubeadm binds their group since 1.29, in the course
 * of a whole `init` that talks to the API server with admin.conf (kubeconfig.go, EnsureAdminClusterRoleBinding); kinpod only
 * calls phases of it, with a certificate that needs no binding.
 * @returns undefined for older versions, whose administrators are in the group system:masters
 */
export function clusterAdmins(version: KubernetesVersion): object | undefined {
  if (version.isBefore('1.29')) return undefined;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'kubeadm:cluster-admins' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'kubeadm:cluster-admins' }],
  };
}
