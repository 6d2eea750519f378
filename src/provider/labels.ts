/** Labels of kind's containers: by them kind, Tilt, ctlptl, Skaffold and Podman Desktop see a cluster. */
export const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';
export const ROLE_LABEL = 'io.x-k8s.kind.role';

/**
 * Addresses on the cluster's network that the node keeps for life, separated by commas, so that they are not given to another
 * while the node is stopped.
 */
export const ADDRESS_LABEL = 'dev.kinpod.address';
/** Kubernetes version of a node, `v1.36.3`. */
export const KUBERNETES_VERSION_LABEL = 'dev.kinpod.kubernetes-version';
/** Of nodes of a cluster that `up` has made, where others have clusters too: only those it starts and stops. */
export const UP_LABEL = 'dev.kinpod.up';
/** Which create a node is of, as others may make a cluster of the same name on one engine at the same time: each undoes its own. */
export const CREATION_LABEL = 'dev.kinpod.creation';
/** Container runtime of a node: `containerd` or `cri-o`. */
export const RUNTIME_LABEL = 'dev.kinpod.runtime';
