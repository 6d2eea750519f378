import type { KubeadmDocument } from './kubeadm-config.ts';

/** Phases of `kubeadm init` with parts that can be left out one by one. */
const PARTS = { addon: ['coredns', 'kube-proxy'], 'upload-config': ['kubeadm', 'kubelet'] } as const;

/**
 * The phases of `kubeadm init` that the (patched) documents leave out, an add-on that is disabled among them. kubeadm itself
 * goes by them only where it runs as a whole and without --skip-phases, which kinpod never does.
 */
export function skippedPhases(documents: readonly KubeadmDocument[]): string[] {
  const init = documents.find((d) => d.kind === 'InitConfiguration');
  const cluster = documents.find((d) => d.kind === 'ClusterConfiguration');
  const phases = Array.isArray(init?.skipPhases) ? init.skipPhases.map(String) : [];
  const disabled = (addon: unknown) => (addon as { disabled?: boolean } | undefined)?.disabled === true;
  return [
    ...phases,
    ...(disabled(cluster?.dns) ? ['addon/coredns'] : []),
    ...(disabled(cluster?.proxy) ? ['addon/kube-proxy'] : []),
  ];
}

/** Phases of `kubeadm join` by what the same is called in `kubeadm init`; those with a name of their own there have the same here. */
const JOIN_PHASES: Readonly<Record<string, readonly string[]>> = {
  'control-plane-prepare': ['certs', 'kubeconfig', 'control-plane'],
  'control-plane-prepare/certs': ['certs'],
  'control-plane-prepare/kubeconfig': ['kubeconfig'],
  'control-plane-prepare/control-plane': ['control-plane'],
  'control-plane-join': ['etcd', 'mark-control-plane'],
  'control-plane-join/etcd': ['etcd'],
  'etcd-join': ['etcd'],
  'control-plane-join/mark-control-plane': ['mark-control-plane'],
};

/** The phases that a JoinConfiguration leaves out, as `kubeadm init` calls them: a further node's files are written by those. */
export function initPhases(joinPhases: unknown): string[] {
  const phases = Array.isArray(joinPhases) ? joinPhases.map(String) : [];
  return phases.flatMap((phase) => JOIN_PHASES[phase] ?? [phase]);
}

/** How `kubeadm init phase PHASE` is to be called: `all`, the one part that is left, or empty where nothing is. */
export function remainingPart(phase: keyof typeof PARTS, skipped: readonly string[]): string {
  const parts: readonly string[] = skipped.includes(phase)
    ? []
    : PARTS[phase].filter((part) => !skipped.includes(`${phase}/${part}`));
  return parts.length === PARTS[phase].length ? 'all' : (parts[0] ?? '');
}

export function hasKubeProxy(documents: readonly KubeadmDocument[]): boolean {
  return ['all', 'kube-proxy'].includes(remainingPart('addon', skippedPhases(documents)));
}
